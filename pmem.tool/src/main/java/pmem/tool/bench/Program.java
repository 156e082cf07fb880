package pmem.tool.bench;

import java.util.List;
import pmem.bench.campaign.Progress;

/** A measurement that is not a workload: it needs pools in this process, or another kind of figure. */
interface Program {
    /** The name for {@code --only} and for its file of figures. */
    String id();

    /** Runs it. */
    Figures run(ProgramSetting setting, Progress progress);

    /**
     * What it found.
     *
     * @param section part of the report
     * @param csv the figures, a header first
     */
    record Figures(Section section, List<List<String>> csv) {}
}
