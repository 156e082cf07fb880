package pmem.testkit.crash;

import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One thing an application does to a pool: one or more calls, each made through {@link Trial#call}. Implementations are
 * stateless; what they need to remember they find in the trial.
 */
public interface Operation {
    /** An operation that makes these calls, whatever there is. */
    static Operation of(String name, Consumer<Trial> body) {
        return of(name, trial -> true, body);
    }

    /** An operation that makes these calls where a condition holds. */
    static Operation of(String name, Predicate<Trial> condition, Consumer<Trial> body) {
        return new Operation() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean applicable(Trial trial) {
                return condition.test(trial);
            }

            @Override
            public void run(Trial trial) {
                body.accept(trial);
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }

    /** A few words for reports, for example {@code free oldest}. */
    String name();

    /** Whether it makes sense now: a free needs a live block. */
    default boolean applicable(Trial trial) {
        return true;
    }

    /** Makes the calls. */
    void run(Trial trial);

    /** Whether it may run beside another operation on another thread; closing a pool may not. */
    default boolean concurrent() {
        return true;
    }
}
