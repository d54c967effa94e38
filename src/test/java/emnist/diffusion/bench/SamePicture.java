package emnist.diffusion.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import emnist.diffusion.evaluation.PngWriter;
import emnist.diffusion.generation.DDPMPipeline;
import emnist.diffusion.image.ImageBatch;
import emnist.diffusion.image.ImageGrid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The network in the box on the CPU and on the device, from the same noise. */
final class SamePicture implements Section {

  private static final int[] LETTERS = IntStream.range(0, 26).toArray();
  private static final int STEPS = 50;

  /** Of pixels in [0, 1]; a step of a picture's 256 shades is 4e-3. */
  private static final double BOUND = 4e-3;

  @Override
  public String title() {
    return "The same picture on the CPU and on the device";
  }

  @Override
  public List<Run> runs(ReportSettings settings) {
    return List.of(new Run(Arithmetic.FLOAT32, settings));
  }

  @Override
  public void measure(Run run, Findings findings) throws IOException, InterruptedException {
    Device device = run.settings().device();
    int steps = run.settings().isSmall() ? STEPS / 5 : STEPS;
    ImageBatch onCpu;
    ImageBatch onDevice;
    try (NDManager cpu = NDManager.newBaseManager(Device.cpu());
        NDManager other = NDManager.newBaseManager(device)) {
      onCpu = DDPMPipeline.pretrained(cpu).generate(LETTERS, 0, steps);
      DDPMPipeline pipeline = DDPMPipeline.pretrained(other);
      onDevice = device.isGpu() ? pipeline.generate(LETTERS, 0, steps) : oneByOne(pipeline, steps);
    }
    double largest = 0;
    double sum = 0;
    for (int i = 0; i < onCpu.pixels().length; i++) {
      double difference = Math.abs(onCpu.pixels()[i] - onDevice.pixels()[i]) / 2;
      largest = Math.max(largest, difference);
      sum += difference;
    }
    String what = device.isGpu() ? "on " + device : "on the CPU again, one by one";
    findings.verdict(
        largest <= BOUND,
        "26_letters_from_the_cpu_and",
        what,
        "steps",
        steps,
        "largest_difference",
        largest,
        "bound",
        BOUND,
        "mean_difference",
        sum / onCpu.pixels().length);
    Path file = run.settings().folder().resolve("gpu-report.png");
    ImageGrid grid = ImageGrid.ofColumns(LETTERS.length).withRowCaptions(List.of("CPU", what));
    PngWriter.write(file, grid.draw(ImageBatch.concat(List.of(onCpu, onDevice))), Map.of());
    findings.note("![Letters of the CPU above those of the device](gpu-report.png)");
  }

  /** Batches of another size are added up in another order, as on another device. */
  private static ImageBatch oneByOne(DDPMPipeline pipeline, int steps) throws InterruptedException {
    List<ImageBatch> images = new ArrayList<>();
    for (int letter : LETTERS) {
      images.add(pipeline.generate(new int[] {letter}, letter, steps));
    }
    return ImageBatch.concat(images);
  }
}
