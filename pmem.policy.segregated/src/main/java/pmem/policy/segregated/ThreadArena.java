package pmem.policy.segregated;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.extent.SlabList;

/**
 * The slabs that a group of threads claims from; blocks go back to the arena of their slab, whoever frees them. One lock
 * guards everything, also while a slab is made: others of the group would want the same slab.
 */
final class ThreadArena {
    /** The slabs of one block size that have room. */
    private static final class Bin {
        final SlabList<Slab> withRoom = new SlabList<>();
        int empty;
    }

    private final Region region;
    private final ReentrantLock lock = new ReentrantLock();
    private final int index;
    private final int emptyKept;
    private final Bin[] bins;

    /** An arena without slabs; the region is the one its slabs are in. */
    ThreadArena(Region region, int index, int classCount, int emptyKept) {
        this.region = region;
        this.index = index;
        this.emptyKept = emptyKept;
        bins = new Bin[classCount];
        for (int i = 0; i < classCount; i++) {
            bins[i] = new Bin();
        }
    }

    /** Claims a block from a slab there is or a new one; {@link Handles#NONE} if there is no room for either. */
    long claim(int classIndex, Supplier<Optional<Slab>> creator) {
        region.step("segregated.lock-arena");
        lock.lock();
        try {
            Bin bin = bins[classIndex];
            if (bin.withRoom.isEmpty()) {
                Slab created = creator.get().orElse(null);
                if (created == null) {
                    return Handles.NONE;
                }
                add(bin, created);
            }
            return claimFrom(bin);
        } finally {
            lock.unlock();
        }
    }

    /** Claims a block from a slab there is. */
    long claimExisting(int classIndex) {
        region.step("segregated.lock-arena");
        lock.lock();
        try {
            Bin bin = bins[classIndex];
            return bin.withRoom.isEmpty() ? Handles.NONE : claimFrom(bin);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives a claimed block back to its slab, which belongs to this arena.
     *
     * @return whether the slab is empty and more than enough others are, so that the caller has to drop it: it is taken out
     */
    boolean unclaim(Slab slab, int blockIndex) {
        region.step("segregated.lock-arena");
        lock.lock();
        try {
            Bin bin = bins[slab.classIndex()];
            boolean wasFull = slab.isFull();
            slab.unclaim(region, blockIndex);
            if (wasFull) {
                bin.withRoom.addLast(slab);
            }
            if (!slab.isEmpty()) {
                return false;
            }
            bin.empty++;
            return bin.empty > emptyKept && remove(bin, slab);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a slab in that was found on media. */
    void adopt(Slab slab) {
        lock.lock();
        try {
            slab.belongTo(index);
            if (slab.isEmpty() || !slab.isFull()) {
                add(bins[slab.classIndex()], slab);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes empty slabs out, all but a number in each bin; the caller drops them. */
    void takeEmpty(int keep, Collection<Slab> taken) {
        region.step("segregated.lock-arena");
        lock.lock();
        try {
            for (Bin bin : bins) {
                takeEmpty(bin, keep, taken);
            }
        } finally {
            lock.unlock();
        }
    }

    private static void takeEmpty(Bin bin, int keep, Collection<Slab> taken) {
        Slab slab = bin.withRoom.isEmpty() ? null : bin.withRoom.first();
        while (slab != null && bin.empty > keep) {
            Slab following = bin.withRoom.hasNext(slab) ? bin.withRoom.next(slab) : null;
            if (slab.isEmpty() && remove(bin, slab)) {
                taken.add(slab);
            }
            slab = following;
        }
    }

    private void add(Bin bin, Slab slab) {
        slab.belongTo(index);
        bin.withRoom.addLast(slab);
        bin.empty += slab.isEmpty() ? 1 : 0;
    }

    private static boolean remove(Bin bin, Slab slab) {
        bin.withRoom.remove(slab);
        bin.empty--;
        return true;
    }

    private long claimFrom(Bin bin) {
        Slab slab = bin.withRoom.first();
        bin.empty -= slab.isEmpty() ? 1 : 0;
        int blockIndex = slab.claim(region);
        if (slab.isFull()) {
            bin.withRoom.remove(slab);
        }
        return slab.handleOf(blockIndex);
    }
}
