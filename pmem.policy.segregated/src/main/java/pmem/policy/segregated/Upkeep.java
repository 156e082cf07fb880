package pmem.policy.segregated;

import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the maintainer does at each look: idle owners lose slabs, owners in use those with room that are more than they should
 * keep, all of them empty slabs beyond what the pool keeps, and free space its storage.
 */
final class Upkeep {
    private final SlabOwners owners;
    private final SegregatedParameters parameters;
    private final FreeStorage storage;
    private final Consumer<SlabOwner> trim;
    private final Function<Slab, SlabOwner> depots;
    private final Consumer<Consumer<Collection<Slab>>> drop;

    /**
     * Does nothing yet.
     *
     * @param depots tells the depot of a slab
     * @param trim drops what an owner has too much of
     * @param drop drops what a taker takes out of owners
     */
    Upkeep(
            SlabOwners owners,
            SegregatedParameters parameters,
            FreeStorage storage,
            Function<Slab, SlabOwner> depots,
            Consumer<SlabOwner> trim,
            Consumer<Consumer<Collection<Slab>>> drop) {
        this.owners = owners;
        this.parameters = parameters;
        this.storage = storage;
        this.depots = depots;
        this.trim = trim;
        this.drop = drop;
    }

    void look() {
        owners.collectUnannounced();
        owners.forEach(this::lookAt);
        limitEmpty();
        storage.look();
    }

    // Nobody can lock out an owner that takes no lock.
    @SuppressWarnings("ReferenceEquality") // owners have no other equality
    private void lookAt(SlabOwner owner) {
        if (owner.isShared()) {
            if (owner != owners.depot(owner.node())) {
                owner.look(depots, parameters.idleSlabsPerTick(), parameters.slabsWithRoomKept());
            }
            owner.tryCollect();
            trim.accept(owner);
        }
    }

    private void limitEmpty() {
        long[] keptBytes = {0};
        owners.forEach(owner -> keptBytes[0] += owner.emptyPages() * parameters.pageBytes());
        if (keptBytes[0] <= parameters.emptyBytesKept()) {
            return;
        }
        owners.forEach(owner -> {
            if (keptBytes[0] > parameters.emptyBytesKept()) {
                drop.accept(taken -> {
                    owner.takeEmpty(0, taken);
                    taken.forEach(slab -> keptBytes[0] -= slab.pageCount() * parameters.pageBytes());
                });
            }
        });
    }
}
