package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.TransactionException;

/**
 * Operations on slots: roots, and the word at offset 8 of a block, as a link that only the pool changes or as an ordinary word
 * that the application stores to as well.
 */
final class LinkOperations {
    private LinkOperations() {}

    static List<Operation> all() {
        return List.of(
                on(trial -> true, "publish to root", LinkOperations::publishToRoot),
                on(trial -> trial.rootBlock().isPresent(), "replace at root", LinkOperations::replaceAtRoot),
                on(trial -> trial.rootBlock().isPresent(), "unlink root", LinkOperations::unlinkRoot),
                on(trial -> roomy(trial).isPresent(), "publish to link", trial -> publishToBlock(trial, true)),
                on(
                        trial -> roomy(trial)
                                .filter(block -> !trial.isLinked(block))
                                .isPresent(),
                        "publish to slot",
                        trial -> publishToBlock(trial, false)),
                on(trial -> holder(trial).isPresent(), "replace at slot", LinkOperations::replaceAtSlot),
                on(trial -> holder(trial).isPresent(), "unlink slot", LinkOperations::unlinkSlot),
                on(
                        trial -> holder(trial)
                                .filter(block -> !trial.isLinked(block))
                                .isPresent(),
                        "application clears slot",
                        LinkOperations::clearSlot),
                on(LinkOperations::isSharedAtRoot, "unlink shared", LinkOperations::unlinkShared),
                on(LinkOperations::isSharedAtRoot, "replace shared", LinkOperations::replaceShared));
    }

    private static Operation on(Predicate<Trial> condition, String name, Consumer<Trial> body) {
        return NamedOperation.of(name, condition, body);
    }

    /** The newest block with room for a slot whose word names no other block. */
    private static Optional<Block> roomy(Trial trial) {
        List<Block> live = trial.live();
        for (int i = live.size() - 1; i >= 0; i--) {
            if (live.get(i).contentKnown() && target(trial, live.get(i)).isEmpty()) {
                return Optional.of(live.get(i));
            }
        }
        return Optional.empty();
    }

    /** The oldest block whose slot names another live block. */
    private static Optional<Block> holder(Trial trial) {
        return trial.live().stream()
                .filter(block -> target(trial, block).isPresent())
                .findFirst();
    }

    private static Optional<Block> target(Trial trial, Block holder) {
        return trial.live().stream()
                .filter(block -> holder.contentKnown() && block.handle() == holder.second())
                .findFirst();
    }

    private static boolean isSharedAtRoot(Trial trial) {
        return trial.shared().isPresent()
                && trial.sharedRootHandle() == trial.shared().get().handle();
    }

    /** Reserves a block for a slot and fills it; empty if there is no room, or the slot has its handle already. */
    private static Optional<Block> reserve(Trial trial, long current) {
        long bytes = trial.sizes().smallBytes();
        long[] reserved = new long[1];
        trial.call("reserve(" + bytes + ")", () -> {
            reserved[0] = trial.pool().reserve(bytes);
            return List.of();
        });
        if (reserved[0] == Handles.NONE) {
            return Optional.empty();
        }
        if (reserved[0] == current) {
            // The slot names a block that was freed without it, and this is that block's place.
            trial.pool().cancel(reserved[0]);
            return Optional.empty();
        }
        Block filled = trial.blockOf(reserved[0], bytes).filled(trial.nextTag());
        trial.store(filled);
        return Optional.of(filled);
    }

    private static void publishToRoot(Trial trial) {
        Optional<Block> reserved = reserve(trial, trial.rootHandle());
        if (reserved.isEmpty()) {
            return;
        }
        Block block = reserved.get();
        // Before the call: finding a place for the name is no part of it.
        long slot = trial.pool().rootSlot(trial.rootName());
        trial.call("publishTo(root, " + Handles.format(block.handle()) + ")", () -> {
            if (!trial.pool().publishTo(slot, trial.rootHandle(), block.handle())) {
                // The other thread may have changed the root that both know.
                require(trial.shared().isPresent());
                return giveUp(trial, block);
            }
            return List.of(new Change(List.of(), List.of(block), Map.of(trial.rootName(), block.handle())));
        });
    }

    private static void replaceAtRoot(Trial trial) {
        Optional<Block> reserved = reserve(trial, trial.rootHandle());
        if (reserved.isEmpty()) {
            return;
        }
        Block block = reserved.get();
        Block old = trial.rootBlock().orElseThrow();
        long slot = trial.pool().rootSlot(trial.rootName());
        trial.call(
                "replace(root, " + Handles.format(old.handle()) + ", " + Handles.format(block.handle()) + ")", () -> {
                    require(trial.pool().replace(slot, old.handle(), block.handle()));
                    return List.of(new Change(List.of(old), List.of(block), Map.of(trial.rootName(), block.handle())));
                });
    }

    private static void unlinkRoot(Trial trial) {
        Block old = trial.rootBlock().orElseThrow();
        long slot = trial.pool().rootSlot(trial.rootName());
        trial.call("unlinkAndFree(root, " + Handles.format(old.handle()) + ")", () -> {
            require(trial.pool().unlinkAndFree(slot, old.handle(), Handles.NONE));
            return List.of(new Change(List.of(old), List.of(), Map.of(trial.rootName(), Handles.NONE)));
        });
    }

    private static void publishToBlock(Trial trial, boolean link) {
        Block container = roomy(trial).orElseThrow();
        Optional<Block> reserved = reserve(trial, container.second());
        if (reserved.isEmpty()) {
            return;
        }
        Block block = reserved.get();
        if (link) {
            trial.makeLink(container);
        }
        long slot = trial.slotOf(container);
        trial.call("publishTo(" + describe(trial, container) + ", " + Handles.format(block.handle()) + ")", () -> {
            require(trial.pool().publishTo(slot, container.second(), block.handle()));
            return List.of(added(container.withSecond(block.handle()), block));
        });
    }

    private static void replaceAtSlot(Trial trial) {
        Block container = holder(trial).orElseThrow();
        Block old = target(trial, container).orElseThrow();
        Optional<Block> reserved = reserve(trial, container.second());
        if (reserved.isEmpty()) {
            return;
        }
        Block block = reserved.get();
        long slot = trial.slotOf(container);
        trial.call("replace(" + describe(trial, container) + ", " + Handles.format(block.handle()) + ")", () -> {
            require(trial.pool().replace(slot, old.handle(), block.handle()));
            return List.of(new Change(List.of(old), List.of(container.withSecond(block.handle()), block), Map.of()));
        });
    }

    private static void unlinkSlot(Trial trial) {
        Block container = holder(trial).orElseThrow();
        Block old = target(trial, container).orElseThrow();
        long slot = trial.slotOf(container);
        trial.call("unlinkAndFree(" + describe(trial, container) + ")", () -> {
            require(trial.pool().unlinkAndFree(slot, old.handle(), Handles.NONE));
            return List.of(new Change(List.of(old), List.of(container.withSecond(Handles.NONE)), Map.of()));
        });
    }

    /** What an application may do to an ordinary slot as soon as the pool's call has returned. */
    private static void clearSlot(Trial trial) {
        Block container = holder(trial).orElseThrow();
        Block cleared = container.withSecond(Handles.NONE);
        trial.call("store and persist 0 in " + describe(trial, container), () -> {
            trial.store(cleared);
            trial.pool().persist(container.handle(), Long.BYTES, Long.BYTES);
            return List.of(Change.put(cleared));
        });
    }

    private static void unlinkShared(Trial trial) {
        Block shared = trial.shared().orElseThrow();
        long slot = trial.pool().rootSlot(trial.sharedRootName());
        Change change = new Change(List.of(shared), List.of(), Map.of(trial.sharedRootName(), Handles.NONE));
        trial.call("unlinkAndFree(root, shared)", List.of(change), () -> {
            try {
                return trial.pool().unlinkAndFree(slot, shared.handle(), Handles.NONE) ? List.of(change) : List.of();
            } catch (InvalidHandleException | TransactionException theOtherHasIt) {
                return List.of();
            }
        });
    }

    private static void replaceShared(Trial trial) {
        Optional<Block> reserved = reserve(trial, trial.sharedRootHandle());
        if (reserved.isEmpty()) {
            return;
        }
        Block block = reserved.get();
        Block shared = trial.shared().orElseThrow();
        long slot = trial.pool().rootSlot(trial.sharedRootName());
        Change change = new Change(List.of(shared), List.of(block), Map.of(trial.sharedRootName(), block.handle()));
        trial.call("replace(root, shared, " + Handles.format(block.handle()) + ")", List.of(change), () -> {
            try {
                return trial.pool().replace(slot, shared.handle(), block.handle())
                        ? List.of(change)
                        : giveUp(trial, block);
            } catch (InvalidHandleException | TransactionException theOtherHasIt) {
                return giveUp(trial, block);
            }
        });
    }

    private static List<Change> giveUp(Trial trial, Block reserved) {
        trial.pool().cancel(reserved.handle());
        return List.of();
    }

    private static Change added(Block... blocks) {
        return new Change(List.of(), new ArrayList<>(List.of(blocks)), Map.of());
    }

    private static String describe(Trial trial, Block container) {
        return (trial.isLinked(container) ? "link" : "slot") + " in " + Handles.format(container.handle());
    }

    private static void require(boolean changed) {
        if (!changed) {
            throw new IllegalStateException("the slot did not hold what it was given last");
        }
    }
}
