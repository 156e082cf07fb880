package pmem.bench.campaign;

import java.util.ArrayList;
import java.util.List;
import pmem.bench.allocator.Subject;
import pmem.bench.fork.ForkException;
import pmem.bench.fork.Launcher;
import pmem.bench.measure.Latencies;
import pmem.bench.measure.WorkloadSpec;

/** Measures the distribution of the times of single operations, one allocator after the other, each in a process of its own. */
public final class LatencyRun {
    /**
     * One allocator under one workload.
     *
     * @param spec the workload
     * @param subject the allocator
     * @param latencies the distribution
     */
    public record Row(WorkloadSpec spec, Subject subject, Latencies latencies) {}

    private LatencyRun() {}

    /** Runs every workload of the plan, of one thread each, on every allocator that is able to. */
    public static List<Row> run(Plan plan, Progress progress) {
        List<Row> rows = new ArrayList<>();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Launcher launcher = new Launcher(scratch.path());
            long done = 0;
            long total = (long) plan.subjects().size() * plan.workloads().size();
            for (WorkloadSpec spec : plan.workloads()) {
                for (Subject subject : plan.subjects()) {
                    progress.step(done++, total, "latency of " + spec.title() + ", " + subject.title());
                    try (Participant participant = new Participant(subject, launcher, scratch, plan, false)) {
                        if (participant.capabilities().containsAll(spec.kind().needs())) {
                            participant.latencies(spec, plan.warmUpNanos());
                            rows.add(new Row(spec, subject, participant.latencies(spec, plan.roundNanos())));
                        }
                    } catch (ForkException lacking) {
                        // Reported by the campaign, which runs the same allocators.
                    }
                }
            }
        }
        return rows;
    }
}
