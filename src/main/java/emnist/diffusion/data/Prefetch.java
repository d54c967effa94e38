package emnist.diffusion.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Draws from another iterator on a daemon thread, a few elements ahead of its consumer.
 *
 * <p>What the other iterator throws is thrown to the consumer in its place. Waiting is not cut
 * short by an interrupt, because an element is never far: the interrupt stays pending for the
 * consumer to see. The thread ends with the last element or with {@link #close}.
 */
final class Prefetch<T> implements Iterator<T>, AutoCloseable {

  /** An element, a failure, or with neither the end. */
  private record Slot<T>(T element, Throwable failure) {}

  private final BlockingQueue<Slot<T>> ready;
  private final Thread thread;
  private volatile boolean closed;
  private Slot<T> next;

  Prefetch(String name, int ahead, Iterator<T> source) {
    ready = new ArrayBlockingQueue<>(ahead);
    thread = new Thread(() -> fill(source), name);
    thread.setDaemon(true);
    thread.start();
  }

  private void fill(Iterator<T> source) {
    try {
      while (!closed && source.hasNext()) {
        put(new Slot<>(source.next(), null));
      }
      put(new Slot<>(null, null));
    } catch (RuntimeException | Error failure) {
      put(new Slot<>(null, failure));
    }
  }

  private void put(Slot<T> slot) {
    while (!closed) {
      try {
        ready.put(slot);
        return;
      } catch (InterruptedException e) {
        // Consoles interrupt all threads of a cell at once; only close() ends this one.
      }
    }
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      next = take();
    }
    if (next.failure() instanceof Error error) {
      throw error;
    }
    if (next.failure() instanceof RuntimeException failure) {
      throw failure;
    }
    return next.element() != null;
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException("Expected another element, found the end. Ask hasNext().");
    }
    T element = next.element();
    next = null;
    return element;
  }

  /** Ends the thread and waits until it is gone; afterwards there are no more elements. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    uninterruptibly(
        () -> {
          thread.join();
          return null;
        });
    next = new Slot<>(null, null);
  }

  private Slot<T> take() {
    return uninterruptibly(ready::take);
  }

  private interface Wait<R> {
    R await() throws InterruptedException;
  }

  private static <R> R uninterruptibly(Wait<R> wait) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
