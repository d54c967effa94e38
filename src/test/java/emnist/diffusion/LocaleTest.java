package emnist.diffusion;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Text is the same in every locale. In a Persian one, {@code "[%s]".formatted(1)} is {@code [۱]},
 * which no TorchScript compiler, JSON parser or web server reads; in a Turkish one, {@code
 * "I".toLowerCase()} is {@code ı}.
 */
class LocaleTest {

  /**
   * Numbers, dates and the capital forms of the others; {@code %s} writes a number as Java does.
   */
  private static final Pattern LOCALISED =
      Pattern.compile("%(?:\\d+\\$)?[-#+ 0,(<]*\\d*(?:\\.\\d+)?(?:[deEfgGaAtTSHC])");

  private static final Pattern STRING =
      Pattern.compile("\"\"\"(?:[^\\\\]|\\\\.)*?\"\"\"|\"(?:[^\"\\\\\n]|\\\\.)*\"", Pattern.DOTALL);

  @Test
  void noCallDependsOnTheLocaleWhereALocaleCanBePassed() {
    noClasses()
        .should()
        .callCodeUnitWhere(
            DescribedPredicate.describe("there is the same with a Locale", LocaleTest::localised))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(DecimalFormat.class)
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("emnist.diffusion"));
  }

  private static boolean localised(JavaCall<?> call) {
    JavaClass owner = call.getTargetOwner();
    return owner.getPackageName().startsWith("java.")
        && !takesLocale(call.getTarget().getRawParameterTypes())
        && Stream.concat(owner.getMethods().stream(), owner.getConstructors().stream())
            .filter(other -> other.getName().equals(call.getTarget().getName()))
            .map(JavaCodeUnit::getRawParameterTypes)
            .anyMatch(LocaleTest::takesLocale);
  }

  private static boolean takesLocale(List<JavaClass> parameters) {
    return parameters.stream().anyMatch(parameter -> parameter.isEquivalentTo(Locale.class));
  }

  @ParameterizedTest
  @ValueSource(strings = {"src/main", "src/extras/main", "environment/kernel/src/main"})
  void aConversionOfTheLocaleStandsBesideItsLocale(Path sources) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : (Iterable<Path>) files.filter(LocaleTest::isJava)::iterator) {
        String source = Files.readString(file);
        Matcher string = STRING.matcher(source);
        while (string.find()) {
          String before = source.substring(0, string.start());
          String statement = before.substring(before.lastIndexOf(';') + 1);
          if (LOCALISED.matcher(string.group()).find() && !statement.contains("Locale.ROOT")) {
            found.add(file + ": " + string.group());
          }
        }
      }
    }

    assertThat(found).as("use %s, or pass Locale.ROOT").isEmpty();
  }

  private static boolean isJava(Path file) {
    return file.toString().endsWith(".java");
  }
}
