package pmem.testkit.crash;

import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * An operation of the explorer's own alphabet.
 *
 * @param name a few words for reports
 * @param concurrent whether it may run beside another one
 * @param unsyncedMax with how many changes waiting for the next flush it may run at most
 * @param condition when it makes sense
 * @param body makes the calls
 */
record NamedOperation(
        String name, boolean concurrent, int unsyncedMax, Predicate<Trial> condition, Consumer<Trial> body)
        implements Operation {
    // Any subset of the changes since the last flush may survive, and every subset is compared.
    private static final int UNSYNCED_MAX = 6;

    /** An operation that is durable at return. */
    static Operation of(String name, Predicate<Trial> condition, Consumer<Trial> body) {
        return new NamedOperation(name, true, 0, condition, body);
    }

    /** An operation that group commit makes durable later. */
    static Operation groupable(String name, Predicate<Trial> condition, Consumer<Trial> body) {
        return new NamedOperation(name, true, UNSYNCED_MAX, condition, body);
    }

    /** An operation that makes everything before it durable, and during which no other thread may use the pool. */
    static Operation alone(String name, Consumer<Trial> body) {
        return alone(name, trial -> true, body);
    }

    /** As {@link #alone(String, Consumer)}, under a condition. */
    static Operation alone(String name, Predicate<Trial> condition, Consumer<Trial> body) {
        return new NamedOperation(name, false, Integer.MAX_VALUE, condition, body);
    }

    @Override
    public boolean applicable(Trial trial) {
        return trial.unsynced() <= unsyncedMax && condition.test(trial);
    }

    @Override
    public void run(Trial trial) {
        body.accept(trial);
    }

    @Override
    public String toString() {
        return name;
    }
}
