package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import pmem.testkit.schedule.Schedule;

/**
 * A prefix by one thread, then two operations on two threads under one schedule, with a power cut at every moment. Each thread
 * has every other live block of the prefix and a root of its own; if the number of blocks is odd, the oldest is shared.
 */
final class TwoThreadRun {
    private final Exploration exploration;
    private final ImageChecker checker;
    private final StartImage start;
    private final Sizes sizes;
    private final String repeat;
    private final ThreadsRun threads;

    TwoThreadRun(
            Exploration exploration,
            ImageChecker checker,
            StartImage start,
            Sizes sizes,
            String repeat,
            NumberedThreads threads) {
        this.exploration = exploration;
        this.checker = checker;
        this.start = start;
        this.sizes = sizes;
        this.repeat = repeat;
        this.threads = new ThreadsRun(exploration, checker, repeat, threads, "two threads");
    }

    /**
     * Runs one schedule.
     *
     * @param operations the prefix and then the two operations
     * @return how many steps the two threads took; minus the number of applicable operations minus 1 if one was not applicable
     */
    int run(List<Operation> operations, Schedule schedule) {
        int prefix = operations.size() - 2;
        SequenceRun run = new SequenceRun(exploration, checker, start, sizes, repeat, threads::scheduled);
        try {
            for (int i = 0; i < prefix; i++) {
                // With group commit the calls of two threads are not told apart by what is durable.
                if (!run.run(operations.get(i), false) || run.isGrouped()) {
                    return -i - 1;
                }
            }
            return runPair(run, operations.subList(prefix, prefix + 2), prefix, schedule);
        } catch (TrialFailure reported) {
            return 0;
        } finally {
            run.abandon();
        }
    }

    private int runPair(SequenceRun run, List<Operation> pair, int prefix, Schedule schedule) {
        CallLog log = threads.log(run);
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Trial trial = trialOf(i, run, log);
            Operation operation = pair.get(i);
            if (!operation.concurrent() || !operation.applicable(trial)) {
                return -prefix - i - 1;
            }
            trials.add(trial);
        }
        return threads.run(run, log, pair, trials, schedule);
    }

    private Trial trialOf(int thread, SequenceRun run, CallLog log) {
        List<Block> own = new ArrayList<>();
        List<Block> live = run.trial().live();
        int sharedCount = live.size() % 2;
        for (int i = sharedCount + thread; i < live.size(); i += 2) {
            own.add(live.get(i));
        }
        Trial trial = ThreadsRun.trialOf(thread, run, log, sizes, own);
        trial.inherit(run.trial());
        if (sharedCount == 1) {
            trial.share(live.getFirst());
        }
        return trial;
    }
}
