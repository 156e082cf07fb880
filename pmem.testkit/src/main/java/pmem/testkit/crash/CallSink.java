package pmem.testkit.crash;

import java.util.List;
import java.util.function.Supplier;

/** Receives the pool calls of an operation, runs them and cuts the power around them. */
interface CallSink {
    /**
     * Runs one call.
     *
     * @param description the call as a reader would write it
     * @param attempted what a crash during the call may show as well if the call changes nothing in the end
     * @param body makes the call and returns what it changed
     * @return what it changed; empty also if the pool had no room
     * @throws TrialFailure if the call ended in another way, or a crash around it is not survived
     */
    List<Change> call(String description, List<Change> attempted, Supplier<List<Change>> body);

    /** As {@link #call}, for a call whose changes a pool with group commit makes durable by its next flush. */
    default List<Change> groupableCall(String description, List<Change> attempted, Supplier<List<Change>> body) {
        return call(description, attempted, body);
    }

    /** As {@link #call}, for one that makes everything before it durable. */
    default void syncCall(String description, Runnable body) {
        call(description, List.of(), () -> {
            body.run();
            return List.of();
        });
    }

    /** How many changes wait for the next flush. */
    default int unsynced() {
        return 0;
    }
}
