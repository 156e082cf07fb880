package pmem.policy.segregated;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import pmem.api.Handles;

/**
 * All owners of slabs: for each NUMA node those of platform threads that call without an access, and the arenas, which all other threads
 * are divided among by their ids; the accesses; and the depot of each node.
 */
final class SlabOwners {
    /** Those of a node side by side. */
    private final SlabOwner[] arenas;

    private final int arenasOfNode;
    /** By node. */
    private final ThreadOwners[] threads;

    private final List<SegregatedAccess> accesses = new CopyOnWriteArrayList<>();
    private final SlabOwner[] depots;
    private final Transit transit;

    /**
     * Makes arenas and depots.
     *
     * @param arenasOfNode how many arenas each node has, a power of two
     * @param threads makes what knows the owners of threads of a node
     * @param arena makes one of a node
     * @param depot makes the one of a node
     */
    SlabOwners(
            int nodeCount,
            int arenasOfNode,
            Transit transit,
            IntFunction<ThreadOwners> threads,
            IntFunction<SlabOwner> arena,
            IntFunction<SlabOwner> depot) {
        this.arenasOfNode = arenasOfNode;
        this.transit = transit;
        arenas = new SlabOwner[nodeCount * arenasOfNode];
        Arrays.setAll(arenas, i -> arena.apply(i / arenasOfNode));
        this.threads = new ThreadOwners[nodeCount];
        Arrays.setAll(this.threads, threads);
        depots = new SlabOwner[nodeCount];
        Arrays.setAll(depots, depot);
    }

    /** The owner that the calling thread has for a node, by itself or with others. */
    SlabOwner ofThread(int node) {
        SlabOwner owner = threads[node].ofThread();
        return owner != null ? owner : arena(node, (int) Thread.currentThread().threadId());
    }

    private SlabOwner arena(int node, int thread) {
        return arenas[node * arenasOfNode + (thread & (arenasOfNode - 1))];
    }

    SlabOwner depot(int node) {
        return depots[node];
    }

    void add(SegregatedAccess access) {
        accesses.add(access);
    }

    /** After its slabs have become the depot's, so that a search finds them here or there. */
    void remove(SegregatedAccess access) {
        accesses.remove(access);
    }

    /**
     * Claims a block of a class from any slab that others may claim from, of this node first. Blocks that change hands meanwhile may be
     * missed.
     */
    long claimExisting(int classIndex, int node) {
        long handle = Handles.NONE;
        for (int i = 0; i < depots.length && handle == Handles.NONE; i++) {
            handle = claimExistingOfNode(classIndex, (node + i) % depots.length);
        }
        return handle;
    }

    private long claimExistingOfNode(int classIndex, int node) {
        int thread = (int) Thread.currentThread().threadId();
        long handle = Handles.NONE;
        for (int i = 0; i < arenasOfNode && handle == Handles.NONE; i++) {
            handle = arena(node, thread + i).claimForOther(classIndex);
        }
        SlabOwner[] ofThreads = threads[node].all();
        for (int i = 0; i < ofThreads.length && handle == Handles.NONE; i++) {
            handle = ofThreads[Math.floorMod(thread + i, ofThreads.length)].claimForOther(classIndex);
        }
        for (SegregatedAccess access : accesses) {
            SlabOwner owner = access.owner();
            handle = handle == Handles.NONE && owner.node() == node ? owner.claimForOther(classIndex) : handle;
        }
        return handle != Handles.NONE ? handle : depots[node].claimForOther(classIndex);
    }

    /**
     * Collects what is on its way to owners, for who is short of room.
     *
     * @param slabs visits all slabs of the policy
     */
    void collectBelated(Consumer<Consumer<Slab>> slabs) {
        collectUnannounced();
        if (transit.isAnyUnderWay()) {
            slabs.accept(slab -> {
                if (slab.isQueued()) {
                    collectBelated(slab);
                }
            });
        }
    }

    /** Collects blocks that accesses have given back, each the last, and of which the owner may not have heard. */
    void collectUnannounced() {
        for (SegregatedAccess access : accesses) {
            Slab slab = access.unannounced();
            if (!slab.isNone()) {
                collectBelated(slab);
            }
        }
    }

    private static void collectBelated(Slab slab) {
        SlabOwner owner = slab.owner();
        while (owner != null && owner.collectBelated(slab)) {
            owner = slab.owner();
        }
    }

    /** Those of threads, arenas, accesses, and at last the depots. */
    void forEach(Consumer<SlabOwner> visitor) {
        for (ThreadOwners ofNode : threads) {
            for (SlabOwner owner : ofNode.all()) {
                visitor.accept(owner);
            }
        }
        for (SlabOwner arena : arenas) {
            visitor.accept(arena);
        }
        accesses.forEach(access -> visitor.accept(access.owner()));
        forEachDepot(visitor);
    }

    /** The depot of each node. */
    void forEachDepot(Consumer<SlabOwner> visitor) {
        for (SlabOwner depot : depots) {
            visitor.accept(depot);
        }
    }
}
