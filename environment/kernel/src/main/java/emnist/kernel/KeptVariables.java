package emnist.kernel;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.spi.ExecutionControl.ClassBytecodes;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Keeps the values of variables when something that they use is declared again.
 *
 * <p>JShell then compiles the variable again as well. It holds a variable in a static field of a
 * class such as {@code REPL.$JShell$12}, and replaces that with {@code REPL.$JShell$12B}, whose
 * field is empty. The old class can stay if the field's type is the same.
 */
final class KeptVariables {

  private static final Pattern CLASS = Pattern.compile("(REPL\\.\\$JShell\\$(\\d+)[A-Z]*)(\\$.*)?");

  /** A class of JShell that holds a variable, or a type or method that a cell declared. */
  private record Holder(Class<?> type, List<String> fields) {}

  /** By the number in the class's name. */
  private final Map<String, Holder> holders = new HashMap<>();

  private final Predicate<String> isDeclared;
  private final Set<String> reset = new LinkedHashSet<>();
  private final Set<String> outdated = new LinkedHashSet<>();

  /**
   * @param isDeclared whether the variable of this name is declared; the one that the snippet at
   *     hand declares is not yet
   */
  KeptVariables(Predicate<String> isDeclared) {
    this.isDeclared = isDeclared;
  }

  /** Notes a class that was loaded, and what the one that it replaces had held. */
  void loaded(ClassBytecodes bytecodes, Class<?> type) {
    Matcher name = CLASS.matcher(bytecodes.name());
    if (name.matches() && name.group(3) == null) {
      Holder replaced = holders.put(name.group(2), new Holder(type, fields(bytecodes)));
      if (replaced != null) {
        noteReset(replaced.type());
      }
    }
  }

  /** Whether these new classes are of a variable whose value can stay where it is. */
  boolean keeps(ClassBytecodes[] classes) {
    return Arrays.stream(classes).allMatch(this::keeps);
  }

  private boolean keeps(ClassBytecodes bytecodes) {
    Matcher name = CLASS.matcher(bytecodes.name());
    if (!name.matches()) {
      return false;
    }
    Holder holder = holders.get(name.group(2));
    Field[] variables = holder.type().getDeclaredFields();
    if (variables.length == 0
        || !Arrays.stream(variables).map(Field::getName).allMatch(isDeclared)
        || name.group(3) == null && !holder.fields().equals(fields(bytecodes))) {
      return false;
    }
    for (Field variable : variables) {
      Object value = value(variable);
      if (value != null && value.getClass().getName().startsWith(name.group(1) + "$")) {
        outdated.add(variable.getName());
      }
    }
    return true;
  }

  /** The variables that lost their values since the last call. */
  Set<String> takeReset() {
    return take(reset);
  }

  /** The variables since the last call whose value is a lambda with the code of before. */
  Set<String> takeOutdated() {
    return take(outdated);
  }

  private static Set<String> take(Set<String> names) {
    Set<String> taken = new LinkedHashSet<>(names);
    names.clear();
    return taken;
  }

  private void noteReset(Class<?> replaced) {
    for (Field variable : replaced.getDeclaredFields()) {
      Object initial = Array.get(Array.newInstance(variable.getType(), 1), 0);
      if (!Objects.equals(initial, value(variable))) {
        reset.add(variable.getName());
      }
    }
    for (Class<?> declared : replaced.getDeclaredClasses()) {
      for (Field field : declared.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && !Modifier.isFinal(field.getModifiers())) {
          reset.add(declared.getSimpleName() + "." + field.getName());
        }
      }
    }
  }

  private static Object value(Field variable) {
    try {
      variable.setAccessible(true);
      return variable.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The fields with their generic types, which name the classes of other cells. */
  private static List<String> fields(ClassBytecodes bytecodes) {
    List<String> fields = new ArrayList<>();
    new ClassReader(bytecodes.bytecodes())
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public FieldVisitor visitField(
                  int access, String name, String descriptor, String signature, Object value) {
                fields.add(name + " " + descriptor + " " + signature);
                return null;
              }
            },
            ClassReader.SKIP_CODE);
    return fields;
  }
}
