package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import pmem.testkit.schedule.Schedule;

/** Takes switches out of a random schedule that fails, one by one, as long as it still fails. */
final class ScheduleShrinker {
    private ScheduleShrinker() {}

    /** A schedule that writes down what another one chooses. */
    static Schedule recording(Schedule schedule, List<Integer> order) {
        return new Schedule() {
            @Override
            public int next(int step, int running, int threads) {
                int chosen = schedule.next(step, running, threads);
                order.add(chosen);
                return chosen;
            }

            @Override
            public String toString() {
                return schedule.toString();
            }
        };
    }

    /**
     * Shrinks.
     *
     * @param order the thread for each step
     * @param violationOf runs a schedule
     * @return an order with fewer switches that fails too, or the same
     */
    static List<Integer> shrink(List<Integer> order, Function<Schedule, Optional<Violation>> violationOf) {
        List<Integer> fewest = List.copyOf(order);
        for (int at = 1; at < fewest.size(); at++) {
            if (!fewest.get(at).equals(fewest.get(at - 1))) {
                List<Integer> fewer = withoutSwitch(fewest, at);
                if (violationOf.apply(explicit(fewer)).isPresent()) {
                    fewest = fewer;
                }
            }
        }
        return fewest;
    }

    static Schedule explicit(List<Integer> order) {
        return Schedule.explicit(order.stream().mapToInt(Integer::intValue).toArray());
    }

    // The thread before the switch goes on until the next one.
    private static List<Integer> withoutSwitch(List<Integer> order, int at) {
        List<Integer> changed = new ArrayList<>(order);
        int replaced = order.get(at);
        for (int i = at; i < order.size() && order.get(i) == replaced; i++) {
            changed.set(i, order.get(at - 1));
        }
        return changed;
    }
}
