package pmem.testkit.crash;

import java.util.List;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;

/**
 * The races of threads with accesses of their own: the owner of what an access keeps beside those that free its blocks, and
 * the end of an access. As {@link Scenarios}.
 */
public final class AccessScenarios {
    private static final Operation ALLOCATE =
            Operation.of("allocate through the access", AccessScenarios::allocate);
    private static final Operation ALLOCATE_AND_RELEASE = Operation.of("allocate and release the access", trial -> {
        allocate(trial);
        trial.releaseAccess();
    });
    private static final Operation RELEASE = Operation.of("release the access", Trial::releaseAccess);
    private static final Operation FREE_NEWEST = Operation.of(
            "free newest through the access", trial -> free(trial, trial.live().getLast()));

    private AccessScenarios() {}

    /** Those of two threads. */
    public static List<Scenario> ofTwoThreads() {
        return List.of(
                Scenario.named("two accesses allocate their first blocks")
                        .thread(ALLOCATE)
                        .thread(ALLOCATE)
                        .expecting("two more blocks", (before, after) -> more(before, after) == 2),
                Scenario.named("the owner allocates through its access beside a free of its block elsewhere")
                        .after(ALLOCATE)
                        .thread(ALLOCATE)
                        .thread(freeElsewhere(0))
                        .expecting("as many blocks", (before, after) -> more(before, after) == 0),
                Scenario.named("the owner frees through its access beside a free of its other block elsewhere")
                        .after(ALLOCATE, ALLOCATE)
                        .thread(FREE_NEWEST)
                        .thread(freeElsewhere(0))
                        .expecting("two fewer blocks", (before, after) -> more(before, after) == -2),
                Scenario.named("an access is released beside a free of its block elsewhere")
                        .after(ALLOCATE)
                        .thread(RELEASE)
                        .thread(freeElsewhere(0))
                        .expecting("one fewer block", (before, after) -> more(before, after) == -1),
                Scenario.named("an access is released beside an allocate of another")
                        .after(ALLOCATE)
                        .thread(RELEASE)
                        .thread(ALLOCATE)
                        .expecting("one more block", (before, after) -> more(before, after) == 1),
                Scenario.named("two accesses allocate and are released")
                        .thread(ALLOCATE_AND_RELEASE)
                        .thread(ALLOCATE_AND_RELEASE)
                        .expecting("two more blocks", (before, after) -> more(before, after) == 2),
                Scenario.named("an access and the pool free the same block")
                        .after(ALLOCATE)
                        .thread(freeIfLive(true))
                        .thread(freeIfLive(false))
                        .expecting("one fewer block", (before, after) -> more(before, after) == -1));
    }

    private static int more(State before, State after) {
        return after.blocks().size() - before.blocks().size();
    }

    private static void allocate(Trial trial) {
        long bytes = trial.sizes().smallBytes();
        trial.call("access.allocate(" + bytes + ")", () -> {
            long handle = trial.access().allocate(bytes);
            return List.of(Change.put(trial.blockOf(handle, bytes)));
        });
    }

    private static void free(Trial trial, Block block) {
        trial.call("access.free(" + Handles.format(block.handle()) + ")", () -> {
            trial.access().free(block.handle());
            return List.of(Change.remove(block));
        });
    }

    private static Operation freeElsewhere(int index) {
        return Operation.of("free block " + index + " elsewhere", trial -> {
            Block block = trial.live().get(index);
            trial.call("free(" + Handles.format(block.handle()) + ")", () -> {
                trial.pool().free(block.handle());
                return List.of(Change.remove(block));
            });
        });
    }

    private static Operation freeIfLive(boolean throughAccess) {
        String how = throughAccess ? "through the access" : "through the pool";
        return Operation.of("free the block " + how + " if it is live", trial -> {
            Block block = trial.live().getFirst();
            trial.call("free(" + Handles.format(block.handle()) + ") " + how, List.of(Change.remove(block)), () -> {
                try {
                    if (throughAccess) {
                        trial.access().free(block.handle());
                    } else {
                        trial.pool().free(block.handle());
                    }
                    return List.of(Change.remove(block));
                } catch (InvalidHandleException theOtherHasIt) {
                    return List.of();
                }
            });
        });
    }
}
