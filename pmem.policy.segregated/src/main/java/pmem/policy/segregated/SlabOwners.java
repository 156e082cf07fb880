package pmem.policy.segregated;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import pmem.api.Handles;

/**
 * All owners of slabs: the arenas, which threads without an access are divided among by their ids, the accesses, and the depot.
 */
final class SlabOwners {
    private final SlabOwner[] arenas;
    private final List<SegregatedAccess> accesses = new CopyOnWriteArrayList<>();
    private final SlabOwner depot;
    private final Transit transit;

    /**
     * Makes arenas and depot.
     *
     * @param owner makes an owner that keeps so many empty slabs of a class
     */
    SlabOwners(int arenaCount, int emptyKept, Transit transit, IntFunction<SlabOwner> owner) {
        this.transit = transit;
        arenas = new SlabOwner[arenaCount];
        for (int i = 0; i < arenaCount; i++) {
            arenas[i] = owner.apply(emptyKept);
        }
        // What is empty and nobody's is free space.
        depot = owner.apply(0);
    }

    /** The arena of the calling thread. */
    SlabOwner arena() {
        return arenas[(int) Thread.currentThread().threadId() & (arenas.length - 1)];
    }

    SlabOwner depot() {
        return depot;
    }

    void add(SegregatedAccess access) {
        accesses.add(access);
    }

    /** After its slabs have become the depot's, so that a search finds them here or there. */
    void remove(SegregatedAccess access) {
        accesses.remove(access);
    }

    /** Claims a block of a class from any slab that others may claim from. Blocks that change hands meanwhile may be missed. */
    long claimExisting(int classIndex) {
        int own = (int) Thread.currentThread().threadId();
        long handle = Handles.NONE;
        for (int i = 0; i < arenas.length && handle == Handles.NONE; i++) {
            handle = arenas[(own + i) & (arenas.length - 1)].claimForOther(classIndex);
        }
        for (SegregatedAccess access : accesses) {
            handle = handle == Handles.NONE ? access.owner().claimForOther(classIndex) : handle;
        }
        return handle != Handles.NONE ? handle : depot.claimForOther(classIndex);
    }

    /**
     * Collects what is on its way to owners, for who is short of room.
     *
     * @param slabs visits all slabs of the policy
     */
    void collectBelated(Consumer<Consumer<Slab>> slabs) {
        if (transit.isAnyUnderWay()) {
            slabs.accept(slab -> {
                SlabOwner owner = slab.isQueued() ? slab.owner() : null;
                if (owner != null) {
                    owner.collectBelated(slab);
                }
            });
        }
    }

    /** Arenas, accesses, and at last the depot. */
    void forEach(Consumer<SlabOwner> visitor) {
        for (SlabOwner arena : arenas) {
            visitor.accept(arena);
        }
        accesses.forEach(access -> visitor.accept(access.owner()));
        visitor.accept(depot);
    }
}
