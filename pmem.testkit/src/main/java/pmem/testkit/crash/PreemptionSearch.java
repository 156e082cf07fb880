package pmem.testkit.crash;

import java.util.Arrays;
import java.util.function.ToIntFunction;
import pmem.testkit.schedule.Schedule;

/** All schedules in which a running thread is stopped in favour of the next one at most so many times. */
final class PreemptionSearch {
    private final int threads;
    private final int preemptions;
    private final Exploration exploration;

    PreemptionSearch(int threads, int preemptions, Exploration exploration) {
        this.threads = threads;
        this.preemptions = preemptions;
        this.exploration = exploration;
    }

    /**
     * Tries them all.
     *
     * @param runner runs one schedule and returns its number of steps, or a negative number to give up
     * @return 0, or what the runner gave up with
     */
    int run(ToIntFunction<Schedule> runner) {
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
            if (exploration.isOver()) {
                return 0;
            }
            longer[switches.length] = at;
            extend(first, longer.clone(), runner);
        }
        return 0;
    }
}
