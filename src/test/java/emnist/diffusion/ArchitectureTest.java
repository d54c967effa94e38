package emnist.diffusion;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dependencies between the packages go one way: down. */
class ArchitectureTest {

  private static final String ROOT = "emnist.diffusion.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("emnist.diffusion");

  /** Each package and those of this project that it may use. */
  private static final Map<String, Set<String>> LAYERS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("image", Set.of("files")),
              Map.entry("files", Set.of()),
              Map.entry("data", Set.of("config", "files", "image")),
              Map.entry("metrics", Set.of("image", "files")),
              Map.entry("torch", Set.of("image")),
              Map.entry("config", Set.of()),
              Map.entry("scheduler", Set.of("config")),
              Map.entry("nn", Set.of("torch")),
              Map.entry("model", Set.of("config", "torch", "nn")),
              Map.entry(
                  "checkpoint", Set.of("config", "files", "torch", "nn", "model", "scheduler")),
              Map.entry(
                  "generation",
                  Set.of("config", "image", "torch", "model", "scheduler", "checkpoint")),
              Map.entry("inception", Set.of("image", "metrics", "torch", "checkpoint")),
              Map.entry(
                  "training",
                  Set.of(
                      "config",
                      "files",
                      "image",
                      "data",
                      "metrics",
                      "torch",
                      "nn",
                      "model",
                      "scheduler",
                      "checkpoint",
                      "generation")),
              Map.entry(
                  "classifier",
                  Set.of(
                      "config",
                      "image",
                      "data",
                      "metrics",
                      "torch",
                      "nn",
                      "checkpoint",
                      "training")),
              Map.entry(
                  "shards",
                  Set.of(
                      "config",
                      "files",
                      "image",
                      "data",
                      "metrics",
                      "model",
                      "scheduler",
                      "checkpoint",
                      "generation")),
              Map.entry(
                  "evaluation",
                  Set.of(
                      "image",
                      "data",
                      "metrics",
                      "torch",
                      "nn",
                      "model",
                      "scheduler",
                      "checkpoint",
                      "generation",
                      "training",
                      "classifier"))));

  static Stream<Map.Entry<String, Set<String>>> layers() {
    return LAYERS.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void aPackageUsesOnlyThoseBelowIt(Map.Entry<String, Set<String>> layer) {
    String[] allowed =
        Stream.concat(Stream.of(layer.getKey()), layer.getValue().stream())
            .map(name -> ROOT + name)
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAPackage(ROOT + layer.getKey())
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(allowed).or(not(resideInAPackage("emnist.diffusion.."))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsPlace() {
    Set<String> packages =
        CLASSES.stream()
            .map(type -> type.getPackageName().substring(ROOT.length()))
            .collect(Collectors.toSet());

    assertThat(LAYERS.keySet()).containsAll(packages);
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
        .resideInAnyPackage(ROOT + "image", ROOT + "data", ROOT + "metrics")
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
