package emnist.diffusion.bench;

import java.util.List;

/** A section of the report on a device. */
interface Section {

  /**
   * A part of a section in a process of its own, so that no other part's memory, settings or
   * failure can touch it.
   */
  record Run(Arithmetic arithmetic, ReportSettings settings) {}

  String title();

  /** The parts, in the order of the report. */
  default List<Run> runs(ReportSettings settings) {
    return List.of(new Run(Arithmetic.AS_IT_STANDS, settings));
  }

  /** Does the work of a part, in its process. */
  void measure(Run run, Findings findings) throws Exception;
}
