package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import pmem.spi.Region;
import pmem.testkit.region.CrashImages;
import pmem.testkit.region.CrashMoment;
import pmem.testkit.region.SimulatedRegion;
import pmem.testkit.schedule.Interleaver;
import pmem.testkit.schedule.Schedule;
import pmem.testkit.schedule.ScheduledRegion;

/**
 * A prefix by one thread, then two operations on two threads under one schedule, with a power cut at every moment. Each thread
 * has every other live block of the prefix and a root of its own; if the number of blocks is odd, the oldest is shared.
 */
final class TwoThreadRun {
    private static final long TAGS_OF_A_THREAD = 1 << 20;

    private final Exploration exploration;
    private final ImageChecker checker;
    private final StartImage start;
    private final Sizes sizes;
    private final String repeat;
    private final ExecutorService threads;

    TwoThreadRun(
            Exploration exploration,
            ImageChecker checker,
            StartImage start,
            Sizes sizes,
            String repeat,
            ExecutorService threads) {
        this.exploration = exploration;
        this.checker = checker;
        this.start = start;
        this.sizes = sizes;
        this.repeat = repeat;
        this.threads = threads;
    }

    /**
     * Runs one schedule.
     *
     * @param operations the prefix and then the two operations
     * @return how many steps the two threads took; minus the number of applicable operations minus 1 if one was not applicable
     */
    int run(List<Operation> operations, Schedule schedule) {
        int prefix = operations.size() - 2;
        AtomicReference<@Nullable Interleaver> current = new AtomicReference<>();
        SequenceRun run =
                new SequenceRun(exploration, checker, start, sizes, repeat, region -> scheduled(region, current));
        try {
            for (int i = 0; i < prefix; i++) {
                // With group commit the calls of two threads are not told apart by what is durable.
                if (!run.run(operations.get(i), false) || run.isGrouped()) {
                    return -i - 1;
                }
            }
            return runPair(run, operations.subList(prefix, prefix + 2), prefix, schedule, current);
        } catch (TrialFailure reported) {
            return 0;
        } finally {
            run.abandon();
        }
    }

    private static ScheduledRegion scheduled(Region region, AtomicReference<@Nullable Interleaver> current) {
        return new ScheduledRegion(region, () -> stop(current));
    }

    private static void stop(AtomicReference<@Nullable Interleaver> current) {
        Interleaver interleaver = current.get();
        if (interleaver != null) {
            interleaver.step();
        }
    }

    private int runPair(
            SequenceRun run,
            List<Operation> pair,
            int prefix,
            Schedule schedule,
            AtomicReference<@Nullable Interleaver> current) {
        SimulatedRegion region = run.region();
        region.settle();
        region.record(true);
        CallLog log = new CallLog(region, () -> stop(current));
        Trial[] trials = new Trial[2];
        Runnable[] bodies = new Runnable[2];
        for (int i = 0; i < 2; i++) {
            Trial trial = trialOf(i, run, log);
            Operation operation = pair.get(i);
            if (!operation.concurrent() || !operation.applicable(trial)) {
                return -prefix - i - 1;
            }
            trials[i] = trial;
            bodies[i] = () -> perform(operation, trial);
        }
        Interleaver interleaver = new Interleaver(schedule, 2);
        current.set(interleaver);
        interleaver.run(threads, bodies);
        current.set(null);
        region.record(false);
        exploration.sequences.increment();
        List<String> names = new ArrayList<>(run.names());
        names.add("thread 0: " + pair.get(0).name() + " | thread 1: "
                + pair.get(1).name());
        examineAll(run.state(), log, region, names, repeat + " (" + schedule + ")");
        return interleaver.steps();
    }

    private Trial trialOf(int thread, SequenceRun run, CallLog log) {
        List<Block> own = new ArrayList<>();
        List<Block> live = run.trial().live();
        int sharedCount = live.size() % 2;
        for (int i = sharedCount + thread; i < live.size(); i += 2) {
            own.add(live.get(i));
        }
        Trial trial = new Trial(
                log.sink(thread),
                (closing, grouped) -> {
                    throw new IllegalStateException("a pool can't be reopened beside another thread");
                },
                run.trial().pool(),
                sizes,
                Trial.rootNameOf(thread),
                own,
                (thread + 1) * TAGS_OF_A_THREAD);
        trial.inherit(run.trial());
        if (sharedCount == 1) {
            trial.share(live.getFirst());
        }
        return trial;
    }

    private static void perform(Operation operation, Trial trial) {
        try {
            operation.run(trial);
        } catch (TrialFailure noted) {
            // The call log has the failure, and reports it when both threads have ended.
        }
    }

    private void examineAll(State before, CallLog log, SimulatedRegion region, List<String> names, String repeatThis) {
        if (!log.failure().isEmpty()) {
            exploration.report(new Violation(
                    exploration.target.id(),
                    names,
                    List.of(),
                    List.of(),
                    List.of("no crash is involved"),
                    log.failure(),
                    repeatThis,
                    Optional.empty()));
            return;
        }
        List<CrashMoment> moments = log.moments();
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

    private boolean examine(CrashImages images, Expectation expectation) {
        boolean[] failed = new boolean[1];
        int depth = exploration.settings.nestedDepth();
        boolean all = images.forEach(exploration.settings.imagesPerEpochMax(), current -> {
            long hash = current.hash();
            boolean fresh = exploration.countImage(hash, "two threads", Exploration.Origin.TWO_THREADS, false);
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
