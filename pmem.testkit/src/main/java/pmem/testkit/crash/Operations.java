package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.ShrinkReport;
import pmem.api.Transaction;
import pmem.api.TransactionException;

/** The alphabet of operations: everything an application can do to a pool, in its smallest form. */
public final class Operations {
    private static final class Abandoned extends RuntimeException {
        private static final long serialVersionUID = 1;

        Abandoned() {
            super("body gives up", null, false, false);
        }
    }

    private static final long GROWTH_STEP_BYTES = 4096;

    private Operations() {}

    private static final List<Operation> ON_BLOCKS = onBlocks();
    private static final List<Operation> ON_SLOTS = LinkOperations.all();
    private static final List<Operation> IN_SCOPES = ScopeOperations.all();
    private static final List<Operation> IN_GROUPS = GroupOperations.all();

    /** All operations, in the order in which sequences are counted. */
    public static List<Operation> all() {
        return Stream.of(ON_BLOCKS, ON_SLOTS, IN_GROUPS, IN_SCOPES)
                .flatMap(List::stream)
                .toList();
    }

    /** Smaller alphabets that together have all operations. */
    static List<Alphabet> themes() {
        List<Operation> slots = new ArrayList<>(ON_SLOTS);
        slots.addAll(named("allocate small", "allocate all that is left", "free oldest", "free newest", "transaction"));
        slots.addAll(named("set root", "remove root", "close, open"));
        List<Operation> groups = new ArrayList<>(IN_GROUPS);
        groups.addAll(named("allocate small", "allocate large", "allocate all that is left", "free oldest"));
        groups.addAll(named("free newest", "allocate batch", "free batch", "reserve, fill, publish", "transaction"));
        List<Operation> scopes = new ArrayList<>(IN_SCOPES);
        scopes.addAll(named("allocate small", "allocate large", "allocate all that is left", "free oldest"));
        scopes.addAll(named("free newest", "transaction", "close, open", "close, open with group commit", "sync"));
        // Sizes that share a segment, beside those that take, and clear, what a segment that was given up left behind.
        List<Operation> segments = new ArrayList<>(named("allocate small", "allocate medium", "free oldest"));
        segments.addAll(named("free newest", "allocate large", "reserve, fill, publish large", "allocate zeroed"));
        segments.addAll(named("close, open"));
        // What needs a shared block first: such a beginning is skipped, and the first pairs tried are the races.
        List<Operation> races = new ArrayList<>(named("free shared", "transaction frees shared", "unlink shared"));
        races.addAll(named("replace shared", "free oldest", "publish to root", "allocate small"));
        return List.of(
                new Alphabet("races", races, false, true),
                new Alphabet("segments", segments, true, true),
                new Alphabet("blocks", ON_BLOCKS, true, true),
                new Alphabet("slots", slots, true, true),
                new Alphabet("scopes", scopes, true, true),
                new Alphabet("groups", groups, true, false));
    }

    private static List<Operation> named(String... names) {
        Map<String, Operation> byName =
                all().stream().collect(Collectors.toMap(Operation::name, operation -> operation));
        return Arrays.stream(names)
                .map(name -> Objects.requireNonNull(byName.get(name), name))
                .toList();
    }

    private static List<Operation> onBlocks() {
        return List.of(
                groupable(
                        0,
                        "allocate small",
                        trial -> allocate(trial, trial.sizes().smallBytes(), 1)),
                groupable(
                        0,
                        "allocate medium",
                        trial -> allocate(trial, trial.sizes().mediumBytes(), 1)),
                groupable(
                        0,
                        "allocate large",
                        trial -> allocate(trial, trial.sizes().largeBytes(), 1)),
                groupable(0, "allocate all that is left", Operations::allocateLargest),
                groupable(
                        0,
                        "allocate aligned",
                        trial -> allocate(
                                trial, trial.sizes().smallBytes(), trial.sizes().alignmentBytes())),
                groupable(0, "allocate zeroed", Operations::allocateZeroed),
                groupable(1, "free oldest", trial -> free(trial, trial.live().getFirst())),
                groupable(2, "free newest", trial -> free(trial, trial.live().getLast())),
                groupable(0, "allocate batch", Operations::allocateBatch),
                groupable(2, "free batch", Operations::freeBatch),
                groupable(
                        0,
                        "reserve, fill, publish",
                        trial -> publish(trial, trial.sizes().smallBytes())),
                groupable(
                        0,
                        "reserve, fill, publish large",
                        trial -> publish(trial, trial.sizes().largeBytes())),
                groupable(0, "reserve, cancel", Operations::cancel),
                with(0, "transaction", Operations::transact),
                with(1, "abandoned transaction", Operations::abandon),
                with(1, "transaction on a snapshot", Operations::snapshot),
                with(1, "abandoned snapshot", Operations::abandonSnapshot),
                with(
                        1,
                        "set root",
                        trial -> setRoot(trial, trial.live().getLast().handle())),
                NamedOperation.of("remove root", Trial::isRootSet, trial -> setRoot(trial, Handles.NONE)),
                groupable(1, "reallocate", Operations::reallocate),
                groupable(1, "reallocate smaller", Operations::halve),
                NamedOperation.of("free shared", trial -> trial.shared().isPresent(), Operations::freeShared),
                NamedOperation.of(
                        "transaction frees shared", trial -> trial.shared().isPresent(), Operations::transactShared),
                NamedOperation.of(
                        "grow", trial -> grownBytes(trial) <= trial.pool().maxCapacityBytes(), Operations::grow),
                NamedOperation.of(
                        "shrink", trial -> shrunkBytes(trial) >= trial.pool().minCapacityBytes(), Operations::shrink),
                NamedOperation.of("trim", trial -> true, Operations::trim),
                NamedOperation.alone("close, open", trial -> trial.reopen(false)));
    }

    private static void trim(Trial trial) {
        trial.call("trim", () -> {
            trial.pool().trim();
            return List.of();
        });
    }

    private static long grownBytes(Trial trial) {
        return trial.pool().stats().capacityBytes() + GROWTH_STEP_BYTES;
    }

    private static void grow(Trial trial) {
        // The other thread may have grown the pool as far as it can since this operation was chosen.
        long bytes = Math.min(grownBytes(trial), trial.pool().maxCapacityBytes());
        trial.call(
                "grow(" + bytes + ")", () -> List.of(Change.resize(trial.pool().grow(bytes))));
    }

    private static long shrunkBytes(Trial trial) {
        return trial.pool().stats().capacityBytes() - GROWTH_STEP_BYTES;
    }

    private static void shrink(Trial trial) {
        // The other thread may have made the pool as small as it can be since this operation was chosen.
        long bytes = Math.max(shrunkBytes(trial), trial.pool().minCapacityBytes());
        trial.call("shrink(" + bytes + ")", () -> {
            ShrinkReport report = trial.pool().shrink(bytes);
            return report.releasedBytes() == 0 ? List.of() : List.of(Change.resize(report.capacityBytes()));
        });
    }

    private static Operation groupable(int liveBlocks, String name, Consumer<Trial> body) {
        return NamedOperation.groupable(name, trial -> trial.live().size() >= liveBlocks, body);
    }

    private static Operation with(int liveBlocks, String name, Consumer<Trial> body) {
        return NamedOperation.of(name, trial -> trial.live().size() >= liveBlocks, body);
    }

    private static void allocate(Trial trial, long bytes, long alignmentBytes) {
        boolean done = trial.groupableCall("allocate(" + bytes + ", alignment " + alignmentBytes + ")", () -> {
            long handle = trial.pool().allocate(bytes, alignmentBytes);
            return List.of(Change.put(trial.blockOf(handle, bytes)));
        });
        if (done) {
            trial.fillNewest();
        }
    }

    // What was free is needed for this, so a free or a drop that is not durable in time shows.
    private static void allocateLargest(Trial trial) {
        long bytes = trial.pool().stats().largestFreeBytes();
        if (bytes > 0) {
            allocate(trial, bytes, 1);
        }
    }

    private static void allocateZeroed(Trial trial) {
        long bytes = trial.sizes().largeBytes();
        trial.groupableCall("allocateZeroed(" + bytes + ")", () -> {
            long handle = trial.pool().allocateZeroed(bytes);
            return List.of(Change.put(trial.blockOf(handle, bytes).zeroed()));
        });
    }

    private static void free(Trial trial, Block block) {
        trial.groupableCall("free(" + Handles.format(block.handle()) + ")", () -> {
            trial.pool().free(block.handle());
            return List.of(Change.remove(block));
        });
    }

    private static void freeShared(Trial trial) {
        Block block = trial.shared().orElseThrow();
        trial.call("free(" + Handles.format(block.handle()) + ", shared)", List.of(Change.remove(block)), () -> {
            try {
                trial.pool().free(block.handle());
                return List.of(Change.remove(block));
            } catch (InvalidHandleException | TransactionException theOtherHasIt) {
                return List.of();
            }
        });
    }

    private static void transactShared(Trial trial) {
        Block block = trial.shared().orElseThrow();
        long bytes = trial.sizes().mediumBytes();
        trial.call("transaction(free " + Handles.format(block.handle()) + ", shared, allocate)", () -> {
            List<Block> added = new ArrayList<>();
            try {
                trial.pool().transaction(tx -> {
                    // In this order, or the new block could be the one that has just been freed.
                    tx.free(block.handle());
                    added.add(trial.blockOf(tx.allocate(bytes), bytes));
                });
                return List.of(new Change(List.of(block), added, Map.of()));
            } catch (InvalidHandleException | TransactionException theOtherHasIt) {
                return List.of();
            }
        });
    }

    private static void allocateBatch(Trial trial) {
        long[] bytes = {trial.sizes().smallBytes(), trial.sizes().mediumBytes()};
        trial.groupableCall("allocateAll(" + bytes[0] + ", " + bytes[1] + ")", () -> {
            List<Change> changes = new ArrayList<>();
            long[] handles = trial.pool().allocateAll(bytes);
            for (int i = 0; i < handles.length; i++) {
                changes.add(Change.put(trial.blockOf(handles[i], bytes[i])));
            }
            return changes;
        });
    }

    private static void freeBatch(Trial trial) {
        Block first = trial.live().get(0);
        Block second = trial.live().get(1);
        trial.groupableCall(
                "freeAll(" + Handles.format(first.handle()) + ", " + Handles.format(second.handle()) + ")", () -> {
                    trial.pool().freeAll(first.handle(), second.handle());
                    return List.of(Change.remove(first), Change.remove(second));
                });
    }

    // A crash during publish may leave any content, so the block appears with unknown content first.
    private static void publish(Trial trial, long bytes) {
        long[] reserved = new long[1];
        trial.groupableCall("reserve(" + bytes + ")", () -> {
            reserved[0] = trial.pool().reserve(bytes);
            return List.of();
        });
        if (reserved[0] == Handles.NONE) {
            return;
        }
        Block block = trial.blockOf(reserved[0], bytes);
        Block filled = block.filled(trial.nextTag());
        trial.store(filled);
        trial.groupableCall("publish(" + Handles.format(reserved[0]) + ")", () -> {
            trial.pool().publish(reserved[0]);
            return List.of(Change.put(block));
        });
        if (filled.contentKnown()) {
            trial.groupableCall("return of publish with the content", () -> List.of(Change.put(filled)));
        }
    }

    private static void cancel(Trial trial) {
        long bytes = trial.sizes().mediumBytes();
        trial.groupableCall("reserve(" + bytes + "), cancel", () -> {
            trial.pool().cancel(trial.pool().reserve(bytes));
            return List.of();
        });
    }

    /** Allocates a block, frees the oldest and changes a word of the newest. */
    private static void transact(Trial trial) {
        long tag = trial.nextTag();
        trial.call("transaction(allocate, free oldest, set word)", () -> {
            List<Block> added = new ArrayList<>();
            List<Block> removed = new ArrayList<>();
            trial.pool().transaction(tx -> {
                long bytes = trial.sizes().smallBytes();
                long handle = tx.allocate(bytes);
                Block block = trial.blockOf(handle, bytes).filled(tag);
                trial.store(tx.segment(handle), block);
                added.add(block);
                List<Block> live = trial.live();
                if (live.size() >= 2) {
                    tx.free(live.getFirst().handle());
                    removed.add(live.getFirst());
                }
                if (!live.isEmpty() && live.getLast().contentKnown()) {
                    Block newest = live.getLast().withSecond(tag * 17 + 3);
                    tx.set(newest.handle(), Long.BYTES, newest.second());
                    added.add(newest);
                }
            });
            return List.of(new Change(removed, added, Map.of()));
        });
    }

    private static void abandon(Trial trial) {
        trial.call("transaction(allocate, free oldest), given up", () -> {
            try {
                trial.pool().transaction(tx -> {
                    tx.allocate(trial.sizes().smallBytes());
                    tx.free(trial.live().getFirst().handle());
                    throw new Abandoned();
                });
            } catch (Abandoned expected) {
                return List.of();
            }
            throw new IllegalStateException("the exception of a transaction's body was swallowed");
        });
    }

    /** Changes the content of the newest block in place, after a snapshot of it, and allocates one. */
    private static void snapshot(Trial trial) {
        trial.call("transaction(snapshot of newest, store, allocate)", () -> {
            List<Block> added = new ArrayList<>();
            trial.pool().transaction(tx -> {
                storeOnSnapshot(trial, tx).ifPresent(added::add);
                long bytes = trial.sizes().mediumBytes();
                added.add(trial.blockOf(tx.allocate(bytes), bytes));
            });
            return List.of(new Change(List.of(), added, Map.of()));
        });
    }

    private static void abandonSnapshot(Trial trial) {
        trial.call("transaction(snapshot of newest, store), given up", () -> {
            try {
                trial.pool().transaction(tx -> {
                    storeOnSnapshot(trial, tx);
                    throw new Abandoned();
                });
            } catch (Abandoned expected) {
                return List.of();
            }
            throw new IllegalStateException("the exception of a transaction's body was swallowed");
        });
    }

    private static Optional<Block> storeOnSnapshot(Trial trial, Transaction tx) {
        Block newest = trial.live().getLast();
        if (!newest.contentKnown()) {
            return Optional.empty();
        }
        Block changed = newest.filled(trial.nextTag());
        tx.snapshot(newest.handle(), 0, 2 * Long.BYTES);
        tx.snapshot(newest.handle(), newest.lastOffset(), Long.BYTES);
        trial.store(tx.segment(newest.handle()), changed);
        return Optional.of(changed);
    }

    private static void setRoot(Trial trial, long handle) {
        trial.call("setRoot(" + trial.rootName() + ", " + Handles.format(handle) + ")", () -> {
            trial.pool().setRoot(trial.rootName(), handle);
            return List.of(Change.root(trial.rootName(), handle));
        });
    }

    private static void reallocate(Trial trial) {
        Block block = trial.live().getLast();
        resize(trial, block, block.usableBytes() + 1);
    }

    /** Cuts the newest block in half, after a word has been stored that is to be its last one. */
    private static void halve(Trial trial) {
        long bytes = trial.live().getLast().usableBytes() / 2;
        trial.cutNewest(bytes);
        resize(trial, trial.live().getLast(), bytes);
    }

    /** Gives a block another size where it is, if it can. */
    static void resize(Trial trial, Block block, long bytes) {
        trial.groupableCall("reallocate(" + Handles.format(block.handle()) + ", " + bytes + ")", () -> {
            if (!trial.pool().reallocate(block.handle(), bytes)) {
                return List.of();
            }
            return List.of(Change.resize(block.resized(trial.pool().usableBytes(block.handle()))));
        });
    }
}
