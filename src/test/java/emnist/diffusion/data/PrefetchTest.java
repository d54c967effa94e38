package emnist.diffusion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class PrefetchTest {

  private static List<Thread> threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .toList();
  }

  @Test
  void deliversEveryElementInOrder() {
    List<Integer> numbers = IntStream.range(0, 100).boxed().toList();
    try (Prefetch<Integer> prefetch = new Prefetch<>("order", 2, numbers.iterator())) {
      assertThat(prefetch).toIterable().containsExactlyElementsOf(numbers);
    }
  }

  @Test
  void isEmptyWhenTheSourceIs() {
    try (Prefetch<Integer> prefetch = new Prefetch<>("empty", 2, List.<Integer>of().iterator())) {
      assertThat(prefetch.hasNext()).isFalse();
      assertThatThrownBy(prefetch::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void worksAheadButNotFarther() throws InterruptedException {
    AtomicInteger made = new AtomicInteger();
    CountDownLatch third = new CountDownLatch(3);
    Iterator<Integer> source =
        Stream.generate(
                () -> {
                  third.countDown();
                  return made.incrementAndGet();
                })
            .iterator();
    try (Prefetch<Integer> prefetch = new Prefetch<>("ahead", 2, source)) {
      assertThat(third.await(5, TimeUnit.SECONDS)).isTrue();
      assertThat(prefetch.next()).isEqualTo(1);
      // Two lie ready, one is in the hand of the thread, and one may follow what was taken.
      assertThat(made.get()).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void throwsWhatTheSourceThrowsInItsPlace() {
    Iterator<Integer> source = Stream.of(1, 2, 0).map(n -> 10 / n).iterator();
    try (Prefetch<Integer> prefetch = new Prefetch<>("failure", 5, source)) {
      assertThat(prefetch.next()).isEqualTo(10);
      assertThat(prefetch.next()).isEqualTo(5);
      assertThatThrownBy(prefetch::next).isInstanceOf(ArithmeticException.class);
    }
  }

  @Test
  void throwsErrorsOfTheSourceToo() {
    Iterator<Integer> source =
        Stream.<Integer>generate(
                () -> {
                  throw new OutOfMemoryError("too large");
                })
            .iterator();
    try (Prefetch<Integer> prefetch = new Prefetch<>("error", 1, source)) {
      assertThatThrownBy(prefetch::hasNext)
          .isInstanceOf(OutOfMemoryError.class)
          .hasMessage("too large");
    }
  }

  @Test
  void closingEarlyEndsTheThread() {
    Prefetch<Integer> prefetch = new Prefetch<>("early", 2, Stream.generate(() -> 1).iterator());
    prefetch.next();
    assertThat(threads("early")).hasSize(1).allMatch(Thread::isDaemon);
    prefetch.close();
    assertThat(threads("early")).isEmpty();
    assertThat(prefetch.hasNext()).isFalse();
  }

  @Test
  void closingWhileInterruptedEndsTheThreadAndKeepsTheInterrupt() {
    Prefetch<Integer> prefetch = new Prefetch<>("twice", 2, Stream.generate(() -> 1).iterator());
    Thread.currentThread().interrupt();
    prefetch.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(threads("twice")).isEmpty();
  }

  @Test
  void anInterruptOfTheConsumerStaysPendingAndLosesNothing() {
    List<Integer> numbers = IntStream.range(0, 50).boxed().toList();
    try (Prefetch<Integer> prefetch = new Prefetch<>("pending", 2, numbers.iterator())) {
      Thread.currentThread().interrupt();
      assertThat(prefetch).toIterable().containsExactlyElementsOf(numbers);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void anInterruptOfItsOwnThreadLosesNothing() {
    List<Integer> numbers = IntStream.range(0, 50).boxed().toList();
    try (Prefetch<Integer> prefetch = new Prefetch<>("group", 2, numbers.iterator())) {
      threads("group").forEach(Thread::interrupt);
      assertThat(prefetch).toIterable().containsExactlyElementsOf(numbers);
    }
  }
}
