package pmem.bench.campaign;

import java.util.ArrayList;
import java.util.List;
import pmem.bench.allocator.Subject;
import pmem.bench.fork.ForkException;
import pmem.bench.fork.Launcher;
import pmem.bench.frames.FrameCost;
import pmem.bench.frames.FrameSpec;

/** Runs the benchmarks of frames, each allocator in a process of its own. */
public final class FrameRun {
    /**
     * One iteration.
     *
     * @param spec the benchmark
     * @param subject the allocator
     * @param iteration its number, from 0
     * @param cost what it cost
     */
    public record Row(FrameSpec spec, Subject subject, int iteration, FrameCost cost) {}

    /**
     * What all gave.
     *
     * @param rows by allocator, then by benchmark, then by iteration
     * @param notRun what is lacking, with reasons
     */
    public record Rows(List<Row> rows, List<NotRun> notRun) {}

    private FrameRun() {}

    /**
     * Runs every benchmark on every allocator.
     *
     * @param plan for the allocators and the size of the pool; its rounds are the iterations, before which one is thrown away
     */
    public static Rows run(Plan plan, List<FrameSpec> specs, Progress progress) {
        List<Row> rows = new ArrayList<>();
        List<NotRun> notRun = new ArrayList<>();
        int slots = specs.stream().mapToInt(FrameSpec::frames).max().orElse(1);
        long done = 0;
        long total = (long) plan.subjects().size() * specs.size();
        try (ScratchDirectory scratch = ScratchDirectory.create()) {
            Launcher launcher = new Launcher(scratch.path());
            for (Subject subject : plan.subjects()) {
                try (Participant participant = new Participant(subject, launcher, scratch, plan, slots, false)) {
                    for (FrameSpec spec : specs) {
                        String title = spec.bench().id() + ", " + subject.title();
                        progress.step(done++, total, "frames: " + title);
                        try {
                            run(participant, plan.rounds(), spec, rows);
                        } catch (ForkException failure) {
                            notRun.add(new NotRun(subject, title, String.valueOf(failure.getMessage())));
                            participant.stop();
                        }
                    }
                }
            }
        }
        return new Rows(rows, notRun);
    }

    private static void run(Participant participant, int iterations, FrameSpec spec, List<Row> rows)
            throws ForkException {
        participant.frames(spec);
        for (int iteration = 0; iteration < iterations; iteration++) {
            rows.add(new Row(spec, participant.subject(), iteration, participant.frames(spec)));
        }
    }
}
