package pmem.testkit.crash;

import java.lang.foreign.MemorySegment;
import java.util.List;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.PoolScope;

/**
 * The races that matter to every placement policy, for {@link CrashExplorer#run(Scenario, java.util.function.Consumer)}: two
 * threads and the first, an ordinary, or the last block of a pool or slab, and some with three threads.
 */
public final class Scenarios {
    private static final Operation ALLOCATE =
            Operation.of("allocate", trial -> allocate(trial, trial.sizes().smallBytes()));
    private static final Operation ALLOCATE_LARGE = Operation.of(
            "allocate large", trial -> allocate(trial, trial.sizes().largeBytes()));
    private static final Operation FILL = Operation.of("fill", Scenarios::fill);
    private static final Operation FREE_NEWEST =
            Operation.of("free newest", trial -> free(trial, trial.live().getLast()));
    private static final Operation SCOPE = Operation.of("scope that keeps one block", Scenarios::scope);
    private static final Operation SCOPE_OF_ALL = Operation.of("scope of all the room", Scenarios::scopeOfAll);
    private static final Operation REALLOCATE_NEWEST = Operation.of("reallocate newest", Scenarios::reallocate);

    private static final Operation LENGTHEN = Operation.of("make block 0 longer", Scenarios::lengthen);
    private static final Operation SHORTEN = Operation.of("make block 0 shorter", Scenarios::shorten);

    private Scenarios() {}

    /** Those of two threads. */
    public static List<Scenario> ofTwoThreads() {
        return List.of(
                Scenario.named("two threads make the first slab")
                        .thread(ALLOCATE)
                        .thread(ALLOCATE)
                        .expecting("two more blocks", (before, after) -> more(before, after) == 2),
                Scenario.named("two threads allocate where there is room")
                        .after(ALLOCATE)
                        .thread(ALLOCATE)
                        .thread(ALLOCATE)
                        .expecting("two more blocks", (before, after) -> more(before, after) == 2),
                Scenario.named("the last block goes to one of two threads")
                        .after(FILL, FREE_NEWEST)
                        .thread(ALLOCATE)
                        .thread(ALLOCATE)
                        .expecting("one more block", (before, after) -> more(before, after) == 1),
                Scenario.named("each of two threads gets one of the last two blocks")
                        .after(FILL, FREE_NEWEST, FREE_NEWEST)
                        .thread(ALLOCATE)
                        .thread(ALLOCATE)
                        .expecting("two more blocks", (before, after) -> more(before, after) == 2),
                Scenario.named("a block is freed beside an allocate")
                        .after(ALLOCATE, ALLOCATE)
                        .thread(ALLOCATE)
                        .thread(free(0))
                        .expecting("as many blocks", (before, after) -> more(before, after) == 0),
                Scenario.named("the last block of a slab is freed beside an allocate")
                        .after(ALLOCATE)
                        .thread(free(0))
                        .thread(ALLOCATE)
                        .expecting("as many blocks", (before, after) -> more(before, after) == 0),
                Scenario.named("a block of a full pool is freed beside an allocate")
                        .after(FILL)
                        .thread(free(0))
                        .thread(ALLOCATE)
                        .expecting("as many blocks or one fewer", (before, after) -> more(before, after) >= -1),
                Scenario.named("the owner allocates beside a remote free of its last block")
                        .after(ALLOCATE)
                        .thread(ALLOCATE)
                        .thread(free(0))
                        .expecting("as many blocks", (before, after) -> more(before, after) == 0),
                Scenario.named("two threads free the two blocks of a slab")
                        .after(ALLOCATE, ALLOCATE)
                        .thread(free(0))
                        .thread(free(1))
                        .expecting("two fewer blocks", (before, after) -> more(before, after) == -2),
                Scenario.named("two threads free the same block")
                        .after(ALLOCATE)
                        .thread(freeIfLive(0))
                        .thread(freeIfLive(0))
                        .expecting("one fewer block", (before, after) -> more(before, after) == -1),
                Scenario.named("the last block is reallocated beside a free of its neighbour")
                        .after(ALLOCATE, ALLOCATE)
                        .thread(REALLOCATE_NEWEST)
                        .thread(free(0))
                        .expecting("one fewer block", (before, after) -> more(before, after) == -1),
                Scenario.named("a large block takes in the room behind it beside an allocate that may have it")
                        .after(ALLOCATE_LARGE)
                        .thread(LENGTHEN)
                        .thread(ALLOCATE_LARGE)
                        .expecting("one more block", (before, after) -> more(before, after) == 1),
                Scenario.named("a large block gives its end back beside an allocate that may have it")
                        .after(ALLOCATE_LARGE)
                        .thread(SHORTEN)
                        .thread(ALLOCATE_LARGE)
                        .expecting("one more block", (before, after) -> more(before, after) == 1),
                Scenario.named("a scope ends beside an allocate")
                        .thread(SCOPE)
                        .thread(ALLOCATE)
                        .expecting("two more blocks", (before, after) -> more(before, after) == 2),
                Scenario.named("a scope ends beside a free of the only other block")
                        .after(ALLOCATE)
                        .thread(SCOPE)
                        .thread(free(0))
                        .expecting("as many blocks", (before, after) -> more(before, after) == 0),
                Scenario.named("the last block goes to a scope or to an allocate")
                        .after(FILL, FREE_NEWEST)
                        .thread(SCOPE)
                        .thread(ALLOCATE)
                        .expecting("one more block", (before, after) -> more(before, after) == 1),
                Scenario.named("a large block is freed beside a large allocate")
                        .after(ALLOCATE_LARGE)
                        .thread(free(0))
                        .thread(ALLOCATE_LARGE)
                        .expecting("as many blocks", (before, after) -> more(before, after) == 0),
                Scenario.named("a large block is freed beside the making of a slab")
                        .after(ALLOCATE_LARGE)
                        .thread(free(0))
                        .thread(ALLOCATE)
                        .expecting("as many blocks", (before, after) -> more(before, after) == 0));
    }

    /** Those of two threads that take so many steps that all schedules with two preemptions are very many. */
    public static List<Scenario> ofTwoThreadsWithManySteps() {
        return List.of(
                Scenario.named("a scope that has all the room ends beside an allocate")
                        .thread(SCOPE_OF_ALL)
                        .thread(ALLOCATE)
                        .expecting("one more block, or none", (before, after) -> more(before, after) <= 1),
                Scenario.named("two scopes that have all the room end beside each other")
                        .after(ALLOCATE)
                        .thread(SCOPE_OF_ALL)
                        .thread(SCOPE_OF_ALL)
                        .expecting("as many blocks", (before, after) -> more(before, after) == 0));
    }

    /** Those of three threads. */
    public static List<Scenario> ofThreeThreads() {
        return List.of(
                Scenario.named("three threads make the first slab")
                        .thread(ALLOCATE)
                        .thread(ALLOCATE)
                        .thread(ALLOCATE)
                        .expecting("three more blocks", (before, after) -> more(before, after) == 3),
                Scenario.named("two threads allocate in a full pool beside a free")
                        .after(FILL)
                        .thread(ALLOCATE)
                        .thread(free(0))
                        .thread(ALLOCATE)
                        .expecting("as many blocks or one fewer", (before, after) -> {
                            int more = more(before, after);
                            return more == 0 || more == -1;
                        }),
                Scenario.named("the owner allocates beside two remote frees")
                        .after(ALLOCATE, ALLOCATE)
                        .thread(ALLOCATE)
                        .thread(free(0))
                        .thread(free(1))
                        .expecting("one fewer block", (before, after) -> more(before, after) == -1),
                Scenario.named("three threads free the same block")
                        .after(ALLOCATE)
                        .thread(freeIfLive(0))
                        .thread(freeIfLive(0))
                        .thread(freeIfLive(0))
                        .expecting("one fewer block", (before, after) -> more(before, after) == -1));
    }

    private static int more(State before, State after) {
        return after.blocks().size() - before.blocks().size();
    }

    private static boolean allocate(Trial trial, long bytes) {
        return trial.call("allocate(" + bytes + ")", () -> {
            long handle = trial.pool().allocate(bytes);
            return List.of(Change.put(trial.blockOf(handle, bytes)));
        });
    }

    // A full pool may have room for the first block alone, and then that is kept.
    private static void scope(Trial trial) {
        long bytes = trial.sizes().smallBytes();
        trial.call("scope of two blocks of " + bytes + " that keeps one", () -> {
            try (PoolScope scope = trial.pool().scope()) {
                MemorySegment kept = scope.allocate(bytes);
                try {
                    scope.allocate(bytes);
                } catch (OutOfSpaceException full) {
                    return List.of(Change.put(trial.blockOf(scope.keep(kept), bytes)));
                }
                return List.of(Change.put(trial.blockOf(scope.keep(kept), bytes)));
            }
        });
    }

    private static void scopeOfAll(Trial trial) {
        trial.call("scope of all the room", () -> {
            try (PoolScope scope = trial.pool().scope()) {
                scope.allocate(trial.sizes().smallBytes());
                for (long bytes = trial.pool().stats().largestFreeBytes();
                        bytes > 0;
                        bytes = trial.pool().stats().largestFreeBytes()) {
                    scope.allocate(bytes);
                }
                return List.of();
            }
        });
    }

    // The first block has a slab, or what the policy has in its place, so that the pool ends with one that is full. The
    // second one gives way at the end, so that the newest block is a small one, whatever the space is divided into.
    private static void fill(Trial trial) {
        allocate(trial, trial.sizes().smallBytes());
        allocate(trial, trial.sizes().smallBytes());
        boolean more = true;
        while (more) {
            long bytes = trial.pool().stats().largestFreeBytes();
            more = bytes > trial.sizes().smallBytes() && allocate(trial, bytes);
        }
        free(trial, trial.live().get(1));
        do {
            more = allocate(trial, trial.sizes().smallBytes());
        } while (more);
    }

    private static Operation free(int index) {
        return Operation.of(
                "free block " + index, trial -> free(trial, trial.live().get(index)));
    }

    private static void free(Trial trial, Block block) {
        trial.call("free(" + Handles.format(block.handle()) + ")", () -> {
            trial.pool().free(block.handle());
            return List.of(Change.remove(block));
        });
    }

    private static Operation freeIfLive(int index) {
        return Operation.of("free block " + index + " if it is live", trial -> {
            Block block = trial.live().get(index);
            trial.call("free(" + Handles.format(block.handle()) + ")", List.of(Change.remove(block)), () -> {
                try {
                    trial.pool().free(block.handle());
                    return List.of(Change.remove(block));
                } catch (InvalidHandleException theOtherHasIt) {
                    return List.of();
                }
            });
        });
    }

    private static void lengthen(Trial trial) {
        Block block = trial.live().getFirst();
        Operations.resize(trial, block, block.usableBytes() + 1);
    }

    private static void shorten(Trial trial) {
        Block block = trial.live().getFirst();
        Operations.resize(trial, block, block.usableBytes() / 2);
    }

    private static void reallocate(Trial trial) {
        Block block = trial.live().getLast();
        for (long bytes : new long[] {block.usableBytes(), block.usableBytes() + 1}) {
            Operations.resize(trial, block, bytes);
        }
    }
}
