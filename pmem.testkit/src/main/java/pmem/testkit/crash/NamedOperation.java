package pmem.testkit.crash;

import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * An operation of the explorer's own alphabet.
 *
 * @param name a few words for reports
 * @param concurrent whether it may run beside another one
 * @param groupable whether group commit makes its calls durable later; others wait until all is flushed
 * @param condition when it makes sense
 * @param body makes the calls
 */
record NamedOperation(
        String name, boolean concurrent, boolean groupable, Predicate<Trial> condition, Consumer<Trial> body)
        implements Operation {
    // Any subset of the changes since the last flush may survive, and every subset is compared.
    private static final int UNSYNCED_MAX = 6;

    /** An operation that is durable at return. */
    static Operation of(String name, Predicate<Trial> condition, Consumer<Trial> body) {
        return new NamedOperation(name, true, false, condition, body);
    }

    /** An operation that group commit makes durable later. */
    static Operation groupable(String name, Predicate<Trial> condition, Consumer<Trial> body) {
        return new NamedOperation(name, true, true, condition, body);
    }

    /** An operation during which no other thread may use the pool. */
    static Operation alone(String name, Consumer<Trial> body) {
        return new NamedOperation(name, false, true, trial -> true, body);
    }

    @Override
    public boolean applicable(Trial trial) {
        return trial.unsynced() <= (groupable ? UNSYNCED_MAX : 0) && condition.test(trial);
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
