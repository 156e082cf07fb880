package pmem.testkit.schedule;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;

/** All schedules in which a running thread is stopped in favour of the next one at most so many times. */
public final class PreemptionSearch {
    private final int threads;
    private final int preemptions;
    private final BooleanSupplier isOver;

    /**
     * A search.
     *
     * @param threads how many threads there are
     * @param preemptions how often a thread is stopped at most
     * @param isOver whether to stop early, asked before each further schedule
     */
    public PreemptionSearch(int threads, int preemptions, BooleanSupplier isOver) {
        this.threads = threads;
        this.preemptions = preemptions;
        this.isOver = isOver;
    }

    /**
     * Tries them all.
     *
     * @param runner runs one schedule and returns its number of steps, or a negative number to give up
     * @return 0, or what the runner gave up with
     */
    public int run(ToIntFunction<Schedule> runner) {
        for (int first = 0; first < threads; first++) {
            int givenUp = extend(first, new int[0], runner);
            if (givenUp < 0) {
                return givenUp;
            }
        }
        return 0;
    }

    // A schedule with one more switch follows from one whose steps are known: the switch comes after all earlier ones.
    private int extend(int first, int[] switches, ToIntFunction<Schedule> runner) {
        int steps = runner.applyAsInt(Schedule.switchingAt(first, switches));
        if (steps < 0 || switches.length == preemptions) {
            return Math.min(steps, 0);
        }
        int[] longer = Arrays.copyOf(switches, switches.length + 1);
        for (int at = switches.length == 0 ? 1 : switches[switches.length - 1] + 1; at < steps; at++) {
            if (isOver.getAsBoolean()) {
                return 0;
            }
            longer[switches.length] = at;
            extend(first, longer.clone(), runner);
        }
        return 0;
    }
}
