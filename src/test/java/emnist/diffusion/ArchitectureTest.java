package emnist.diffusion;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Dependencies between the packages are those that are stated, and go one way. */
class ArchitectureTest {

  private static final String ROOT = "emnist.diffusion.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("emnist.diffusion");

  /** Each package and those of this project that it uses, the arrows of docs/ARCHITECTURE.md. */
  private static final Map<String, Set<String>> ARROWS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("checkpoint", Set.of("config", "files", "model", "scheduler", "torch")),
              Map.entry(
                  "classifier",
                  Set.of(
                      "checkpoint",
                      "config",
                      "data",
                      "files",
                      "image",
                      "metrics",
                      "nn",
                      "progress",
                      "random",
                      "torch",
                      "training")),
              Map.entry("config", Set.of()),
              Map.entry("data", Set.of("config", "files", "image", "random")),
              Map.entry(
                  "evaluation",
                  Set.of(
                      "data",
                      "files",
                      "generation",
                      "image",
                      "metrics",
                      "model",
                      "random",
                      "scheduler")),
              Map.entry("files", Set.of()),
              Map.entry(
                  "generation",
                  Set.of(
                      "checkpoint",
                      "config",
                      "image",
                      "model",
                      "progress",
                      "random",
                      "scheduler",
                      "torch")),
              Map.entry("image", Set.of()),
              Map.entry("metrics", Set.of("image")),
              Map.entry("model", Set.of("config", "nn", "torch")),
              Map.entry("nn", Set.of("torch")),
              Map.entry("progress", Set.of()),
              Map.entry("random", Set.of()),
              Map.entry("scheduler", Set.of("config")),
              Map.entry("torch", Set.of("image")),
              Map.entry(
                  "training",
                  Set.of(
                      "checkpoint",
                      "config",
                      "data",
                      "files",
                      "generation",
                      "model",
                      "progress",
                      "random",
                      "scheduler",
                      "torch")),
              Map.entry("walkthrough", Set.of("checkpoint", "data", "torch"))));

  @Test
  void thePackagesUseExactlyThoseStated() {
    assertThat(arrows()).isEqualTo(ARROWS);
  }

  private static Map<String, Set<String>> arrows() {
    Map<String, Set<String>> arrows = new TreeMap<>();
    for (JavaClass type : CLASSES) {
      String from = packageOf(type);
      Set<String> uses = arrows.computeIfAbsent(from, unused -> new TreeSet<>());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(ROOT) && !packageOf(target).equals(from)) {
          uses.add(packageOf(target));
        }
      }
    }
    return arrows;
  }

  private static String packageOf(JavaClass type) {
    return type.getPackageName().substring(ROOT.length());
  }

  @Test
  void noPackagesUseEachOther() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyTheTorchPackageKnowsTheInternalsOfTheEngine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "torch")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl.pytorch..")
        .check(CLASSES);
  }

  @Test
  void imagesDataAndMetricsArePure() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + "image", ROOT + "data", ROOT + "letters", ROOT + "metrics")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(CLASSES);
  }

  @Test
  void nothingIsReadOrWrittenByJavaSerialisation() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectInputStream")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.ObjectOutputStream")
        .check(CLASSES);
  }
}
