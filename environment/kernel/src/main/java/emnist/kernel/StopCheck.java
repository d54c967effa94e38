package emnist.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.MutableCallSite;
import java.util.HashSet;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Lets an interrupt end cells that never look at it.
 *
 * <p>The classes of cells call {@link #check} at the start of each method and before each jump
 * back, so that no loop and no recursion goes without. The classes of libraries are left alone.
 */
public final class StopCheck {

  private static final MethodHandle NOTHING =
      MethodHandles.empty(MethodType.methodType(void.class));
  private static final MethodHandle STOP = stop();

  /** As long as it does nothing, compiled code leaves it out, unlike a field that it would read. */
  private static final MutableCallSite ACTION = new MutableCallSite(NOTHING);

  private static final MethodHandle CHECK = ACTION.dynamicInvoker();

  /** How many cells are to stop at their next check. */
  private static int armed;

  private StopCheck() {}

  /** Throws if the cell on this thread is to stop. */
  public static void check() throws Throwable {
    CHECK.invokeExact();
  }

  static synchronized void arm() {
    set(++armed);
  }

  static synchronized void disarm() {
    set(--armed);
  }

  private static void set(int count) {
    ACTION.setTarget(count == 0 ? NOTHING : STOP);
    MutableCallSite.syncAll(new MutableCallSite[] {ACTION});
  }

  private static MethodHandle stop() {
    try {
      return MethodHandles.lookup()
          .findStatic(CellRun.class, "stopIfDue", MethodType.methodType(void.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Returns the class with the checks added. */
  static byte[] addTo(byte[] classFile) {
    ClassReader reader = new ClassReader(classFile);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            return new Checks(super.visitMethod(access, name, descriptor, signature, exceptions));
          }
        },
        0);
    return writer.toByteArray();
  }

  /** Adds the checks to a method. They leave its operands and frames as they are. */
  private static final class Checks extends MethodVisitor {

    private static final String OWNER = Type.getInternalName(StopCheck.class);

    private final Set<Label> passed = new HashSet<>();

    Checks(MethodVisitor method) {
      super(Opcodes.ASM9, method);
    }

    @Override
    public void visitCode() {
      super.visitCode();
      addCheck();
    }

    @Override
    public void visitLabel(Label label) {
      passed.add(label);
      super.visitLabel(label);
    }

    @Override
    public void visitJumpInsn(int opcode, Label target) {
      if (passed.contains(target)) {
        addCheck();
      }
      super.visitJumpInsn(opcode, target);
    }

    private void addCheck() {
      visitMethodInsn(Opcodes.INVOKESTATIC, OWNER, "check", "()V", false);
    }
  }
}
