package emnist.diffusion.bench;

import ai.djl.ndarray.NDManager;
import emnist.diffusion.Difference;
import emnist.diffusion.Golden;
import emnist.diffusion.GoldenModel;
import emnist.diffusion.GoldenSample;
import emnist.diffusion.model.UNet2DModel;
import emnist.diffusion.scheduler.ReferenceChains;
import emnist.diffusion.training.GoldenTraining;
import java.util.List;

/** How far the device is from the numbers of the Python libraries, in each arithmetic. */
final class Correctness implements Section {

  @Override
  public String title() {
    return "Correctness: differences from the Python libraries' numbers, as parts of the largest";
  }

  @Override
  public List<Run> runs(ReportSettings settings) {
    return Arithmetic.of(settings).stream().map(each -> new Run(each, settings)).toList();
  }

  @Override
  public void measure(Run run, Findings findings) {
    Arithmetic arithmetic = run.arithmetic();
    try (NDManager manager = NDManager.newBaseManager(run.settings().device())) {
      for (String file : GoldenModel.files().toList()) {
        Golden golden = Golden.open(file + ".io");
        network(GoldenModel.ofFile(manager, file), golden, "", file, arithmetic, findings);
      }
      if (!run.settings().isSmall()) {
        Golden golden = Golden.open("unet_readme_formula.io");
        UNet2DModel readme = GoldenModel.readme(manager, golden);
        network(readme, golden, "28.", "README network", arithmetic, findings);
        network(readme, golden, "32.", "README network at 32 pixels", arithmetic, findings);
        readme.close();
      }
      if (arithmetic == Arithmetic.FLOAT32) { // a chain has no products
        for (ReferenceChains chains : ReferenceChains.values()) {
          row(findings, arithmetic, "chains of " + chains, chains.relative(manager));
        }
      }
      training(manager, arithmetic, findings);
      for (GoldenSample sample : GoldenSample.ALL) {
        Difference worst =
            sample.differences(manager, arithmetic.precision()).stream()
                .reduce(Difference::merge)
                .orElseThrow();
        // Without fresh noise an error stays and grows: 0.12 in bf16 on a CPU.
        double growth = sample.name().equals("ddim10") ? 5 : 1;
        row(findings, arithmetic, growth, "samples of " + sample.name(), worst.relative());
      }
    }
  }

  private static void network(
      UNet2DModel model,
      Golden golden,
      String prefix,
      String name,
      Arithmetic arithmetic,
      Findings findings) {
    try (NDManager manager = model.manager().newSubManager()) {
      GoldenModel.Run run = GoldenModel.run(manager, model, golden, prefix, arithmetic.precision());
      row(findings, arithmetic, name + ", output", run.outputDifference().relative());
      row(findings, arithmetic, name + ", gradients", run.gradientDifference().relative());
    }
  }

  private static void training(NDManager parent, Arithmetic arithmetic, Findings findings) {
    Golden golden = GoldenTraining.GOLDEN;
    try (NDManager manager = parent.newSubManager()) {
      GoldenTraining training = GoldenTraining.run(manager, arithmetic.precision());
      row(
          findings,
          arithmetic,
          "training loop, losses",
          Difference.between(training.losses(), golden.doubles("loss")).relative());
      row(
          findings,
          arithmetic,
          "training loop, gradient norms",
          Difference.between(training.gradNorms(), golden.doubles("grad_norm")).relative());
      row(
          findings,
          arithmetic,
          "training loop, weights",
          weights("final.", training.loop().model()));
      row(
          findings,
          arithmetic,
          "training loop, averaged weights",
          weights("ema.", training.loop().averaged()));
    }
  }

  private static double weights(String prefix, UNet2DModel model) {
    return model.parameters().entrySet().stream()
        .filter(weight -> !GoldenTraining.isNoise(weight.getKey()))
        .map(
            weight -> GoldenTraining.GOLDEN.difference(prefix + weight.getKey(), weight.getValue()))
        .reduce(Difference::merge)
        .orElseThrow()
        .relative();
  }

  private static void row(
      Findings findings, Arithmetic arithmetic, String what, double difference) {
    row(findings, arithmetic, 1, what, difference);
  }

  private static void row(
      Findings findings, Arithmetic arithmetic, double growth, String what, double difference) {
    double bound = growth * arithmetic.bound();
    findings.verdict(
        difference <= bound,
        "arithmetic",
        arithmetic,
        "what",
        what,
        "difference",
        difference,
        "bound",
        bound);
  }
}
