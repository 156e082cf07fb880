package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import pmem.api.Pool;
import pmem.spi.Region;
import pmem.testkit.region.CrashImages;
import pmem.testkit.region.CrashMoment;
import pmem.testkit.region.SimulatedRegion;
import pmem.testkit.schedule.Interleaver;
import pmem.testkit.schedule.Schedule;
import pmem.testkit.schedule.ScheduledRegion;

/**
 * Operations on threads of their own under one schedule, with a power cut at every moment. Between two fences no moment needs to
 * be kept: all that media can hold at the steps there, it can hold just before the later fence too; {@link CrashImages} says
 * why. One run at a time.
 */
final class ThreadsRun {
    private static final long TAGS_OF_A_THREAD = 1 << 20;

    private final Exploration exploration;
    private final ImageChecker checker;
    private final String repeat;
    private final NumberedThreads threads;
    private final String counted;
    private final AtomicReference<@Nullable Interleaver> current = new AtomicReference<>();

    /**
     * A run.
     *
     * @param counted what the images count as
     */
    ThreadsRun(Exploration exploration, ImageChecker checker, String repeat, NumberedThreads threads, String counted) {
        this.exploration = exploration;
        this.checker = checker;
        this.repeat = repeat;
        this.threads = threads;
        this.counted = counted;
    }

    /** What a pool must see in place of a region, so that its threads stop. */
    Region scheduled(Region region) {
        return new ScheduledRegion(region, this::stop, this::stepAside);
    }

    private void stop() {
        Interleaver interleaver = current.get();
        if (interleaver != null) {
            interleaver.step();
        }
    }

    private void stepAside() {
        Interleaver interleaver = current.get();
        if (interleaver != null) {
            interleaver.stepAside();
        }
    }

    /** Starts the log of the calls to come. */
    CallLog log(SequenceRun run) {
        run.region().settle();
        run.region().record(true);
        return new CallLog(run.region(), this::stop);
    }

    /** A trial for one of the threads. */
    static Trial trialOf(int thread, SequenceRun run, CallLog log, Sizes sizes, List<Block> own) {
        return new Trial(
                log.sink(thread),
                (closing, grouped) -> {
                    throw new IllegalStateException("a pool can't be reopened beside another thread");
                },
                run.trial().pool(),
                sizes,
                Trial.rootNameOf(thread),
                own,
                (thread + 1) * TAGS_OF_A_THREAD);
    }

    /**
     * Runs one operation on each thread.
     *
     * @param run what came before, on a {@linkplain #scheduled scheduled} region
     * @return how many steps the threads took
     */
    int run(SequenceRun run, CallLog log, List<Operation> operations, List<Trial> trials, Schedule schedule) {
        Runnable[] bodies = new Runnable[operations.size()];
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < bodies.length; i++) {
            Operation operation = operations.get(i);
            Trial trial = trials.get(i);
            bodies[i] = () -> perform(operation, trial);
            texts.add("thread " + i + ": " + operation.name());
        }
        Interleaver interleaver = new Interleaver(schedule, bodies.length);
        current.set(interleaver);
        interleaver.run(threads.executors(), bodies);
        current.set(null);
        run.region().record(false);
        exploration.sequences.increment();
        List<String> names = new ArrayList<>(run.names());
        names.add(String.join(" | ", texts));
        examineAll(run, log, names, repeat + " (" + schedule + ")");
        return interleaver.steps();
    }

    private static void perform(Operation operation, Trial trial) {
        try {
            operation.run(trial);
        } catch (TrialFailure noted) {
            // The call log has the failure, and reports it when all threads have ended.
        }
    }

    private void examineAll(SequenceRun run, CallLog log, List<String> names, String repeatThis) {
        State before = run.state();
        SimulatedRegion region = run.region();
        List<CrashMoment> moments = log.moments();
        String problem = log.failure().isEmpty()
                ? livingProblem(run.trial().pool(), region, log.expectation(before, moments.size()))
                : log.failure();
        if (!problem.isEmpty()) {
            exploration.report(new Violation(
                    exploration.target.id(),
                    names,
                    List.of(),
                    List.of(),
                    List.of("no crash is involved"),
                    problem,
                    repeatThis,
                    Optional.empty()));
            return;
        }
        for (int i = 0; i < moments.size(); i++) {
            boolean all = i == 0 || log.isStricter(i);
            CrashImages images = all
                    ? CrashImages.of(region, moments.get(i), exploration.settings.torn())
                    : CrashImages.newSince(region, moments.get(i - 1), moments.get(i), exploration.settings.torn());
            if (examine(images, log.expectation(before, i))) {
                explain(images, log, before, i, region, names, repeatThis);
                return;
            }
        }
        exploration.coverage.note(region.events());
    }

    /** What is wrong with the pool itself after its threads have ended, empty if nothing is. */
    private static String livingProblem(Pool pool, SimulatedRegion region, Expectation expectation) {
        Outcome outcome = Outcome.of(pool, region);
        if (expectation.matching(outcome).isEmpty()) {
            return "after all calls had returned: " + expectation.explain(outcome);
        }
        return ImageChecker.verification(pool, outcome)
                .map(doubt -> "after all calls had returned " + doubt)
                .orElse("");
    }

    private boolean examine(CrashImages images, Expectation expectation) {
        boolean[] failed = new boolean[1];
        int depth = exploration.settings.nestedDepth();
        boolean all = images.forEach(exploration.settings.imagesPerEpochMax(), current -> {
            long hash = current.hash();
            boolean fresh = exploration.countImage(hash, counted, Exploration.Origin.TWO_THREADS, false);
            if (exploration.isNewDemand(hash, expectation, depth)) {
                failed[0] = checker.problem(current.build(), hash, expectation, Rooms.UNKNOWN, fresh, depth)
                        .isPresent();
            }
            return !failed[0];
        });
        if (!all) {
            exploration.cappedEpochs.increment();
        }
        return failed[0];
    }

    private void explain(
            CrashImages images,
            CallLog log,
            State before,
            int moment,
            SimulatedRegion region,
            List<String> names,
            String repeatThis) {
        Expectation expectation = log.expectation(before, moment);
        FailingImage smallest = FailingImage.minimise(
                images,
                image -> checker.forgetful()
                        .problem(
                                image.build(),
                                image.hash(),
                                expectation,
                                Rooms.UNKNOWN,
                                true,
                                exploration.settings.nestedDepth()));
        Violation violation = new Violation(
                exploration.target.id(),
                names,
                log.inFlight(moment),
                Failures.eventsUpTo(region, log.moments().get(moment)),
                images.describe(),
                smallest.problem(),
                repeatThis,
                Optional.empty());
        exploration.report(exploration.save(violation, images.build(), images.hash()));
    }
}
