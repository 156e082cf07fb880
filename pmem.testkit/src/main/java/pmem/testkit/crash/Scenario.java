package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * What several threads do at the same time, after what, for {@link CrashExplorer#run(Scenario, java.util.function.Consumer)}.
 *
 * <p>The first thread does what comes before, so blocks made there were allocated by it. Then each thread does its own; its
 * trial has all blocks that are live, and a scenario whose threads act on one block makes calls that may be refused.
 *
 * @param name a few words for reports
 * @param before operations of the first thread, one after the other
 * @param together one operation for each thread
 * @param outcome whether the blocks after all calls may follow those before, beyond being what the calls returned
 * @param outcomeInWords the same for reports
 */
public record Scenario(
        String name,
        List<Operation> before,
        List<Operation> together,
        BiPredicate<State, State> outcome,
        String outcomeInWords) {
    /** Takes immutable copies. */
    public Scenario {
        before = List.copyOf(before);
        together = List.copyOf(together);
    }

    /** A scenario in which nothing has happened and nothing happens. */
    public static Scenario named(String name) {
        return new Scenario(name, List.of(), List.of(), (start, end) -> true, "anything");
    }

    /** Adds operations of the first thread that come before. */
    public Scenario after(Operation... operations) {
        List<Operation> longer = new ArrayList<>(before);
        longer.addAll(List.of(operations));
        return new Scenario(name, longer, together, outcome, outcomeInWords);
    }

    /** Adds a thread. */
    public Scenario thread(Operation operation) {
        List<Operation> longer = new ArrayList<>(together);
        longer.add(operation);
        return new Scenario(name, before, longer, outcome, outcomeInWords);
    }

    /** Demands that the states before and after all threads ran fit together. */
    public Scenario expecting(String inWords, BiPredicate<State, State> fits) {
        return new Scenario(name, before, together, fits, inWords);
    }
}
