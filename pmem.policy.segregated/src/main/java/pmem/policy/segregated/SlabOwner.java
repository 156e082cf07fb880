package pmem.policy.segregated;

import java.util.Collection;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.extent.SlabList;

/**
 * Who claims from a set of slabs: a group of threads (an arena), one thread (an access), or nobody in particular (the depot).
 * Blocks of its slabs that others release come back by way of {@link GivenBackSlabs}, so a release never waits.
 *
 * <p>A lock guards everything, unless the owner is exclusive: then its thread alone calls, and nothing on its way is a locked
 * instruction. Locks are taken in this order: an owner's, then the depot's.
 */
final class SlabOwner {
    /** Where an owner gets a slab that it does not have. */
    interface SlabSource {
        /** A slab of a class with room that nobody else owns any more, or nothing if there is no room for one. */
        @Nullable
        Slab next(int classIndex);
    }

    /** The slabs of one block size. */
    private static final class Bin {
        /** Where blocks are claimed; in no list. */
        Slab current = Slab.NONE;

        /** The others with room. */
        final SlabList<Slab> withRoom = new SlabList<>();

        /** How many of those are empty. */
        int empty;
    }

    /** How many slabs are compared when one is to change hands. */
    private static final int LOOKS_MAX = 16;

    private final Region region;
    private final ReentrantLock lock = new ReentrantLock();
    private final GivenBackSlabs givenBack = new GivenBackSlabs();
    private final int emptyKept;
    private final Bin[] bins;
    // Cleared once, by the thread that had the owner to itself, when it gives it up.
    private volatile boolean exclusive;
    private volatile boolean closed;

    /** Whether more slabs of a class are empty than are kept; read without the lock as a hint. */
    private boolean surplus;

    /** Claims and releases since the maintainer last looked, and how often it found none. */
    private int calls;

    private int idleTicks;

    /** The block claimed last, for the one thread of an access. */
    private Slab lastSlab = Slab.NONE;

    private int lastIndex;

    /**
     * An owner without slabs.
     *
     * @param emptyKept how many empty slabs of a class it keeps
     * @param exclusive whether one thread alone calls it, until {@link #close}
     */
    SlabOwner(Region region, int classCount, int emptyKept, boolean exclusive) {
        this.region = region;
        this.emptyKept = emptyKept;
        this.exclusive = exclusive;
        bins = new Bin[classCount];
        for (int i = 0; i < classCount; i++) {
            bins[i] = new Bin();
        }
    }

    /** Claims a block, if need be from a further slab; {@link Handles#NONE} if there is no room. */
    long claim(int classIndex, SlabSource source) {
        lock();
        try {
            Bin bin = bins[classIndex];
            calls++;
            Slab slab = bin.current;
            int index = slab.claim(region);
            if (index < 0) {
                slab = nextCurrent(bin, classIndex, source);
                index = slab.claim(region);
            }
            lastSlab = slab;
            lastIndex = index;
            return index < 0 ? Handles.NONE : slab.handleOf(index);
        } finally {
            unlock();
        }
    }

    /** Claims a block from a slab there is. */
    long claimExisting(int classIndex) {
        return exclusive ? Handles.NONE : claim(classIndex, none -> null);
    }

    /** The slab a block of the class is claimed from next, by the one thread of an exclusive owner; maybe a full one. */
    Slab current(int classIndex) {
        return bins[classIndex].current;
    }

    /** Puts a slab with room in the place of the current one, which is full; {@link Slab#NONE} if there is none. */
    private Slab nextCurrent(Bin bin, int classIndex, SlabSource source) {
        collect();
        if (!bin.current.isFull()) {
            return bin.current;
        }
        bin.current.setFiled(false);
        bin.current = Slab.NONE;
        if (!bin.withRoom.isEmpty()) {
            Slab slab = bin.withRoom.first();
            unlist(bin, slab);
            bin.current = slab;
        } else {
            Slab further = source.next(classIndex);
            if (further != null) {
                further.belongTo(this);
                bin.current = further;
            }
        }
        bin.current.setFiled(true);
        return bin.current;
    }

    /** The slab of the block that was claimed last; for the thread that claimed it and nobody else. */
    Slab lastSlab() {
        return lastSlab;
    }

    int lastIndex() {
        return lastIndex;
    }

    /**
     * Gives a claimed block back to its slab.
     *
     * @return whether the slab was this owner's; nothing was changed if not
     */
    boolean unclaim(Slab slab, int blockIndex) {
        lock();
        try {
            if (!slab.isOwnedBy(this)) {
                return false;
            }
            calls++;
            slab.unclaim(region, blockIndex);
            if (slab.needsFiling()) {
                gotRoom(slab);
            }
            return true;
        } finally {
            unlock();
        }
    }

    /** As {@link #unclaim} for a slab of this owner, by the one thread that has the owner to itself. */
    void unclaimOwn(Slab slab, int blockIndex) {
        slab.unclaim(region, blockIndex);
        if (slab.needsFiling()) {
            gotRoom(slab);
        }
    }

    /** Files a slab of which blocks came back, and looks whether too many are empty now. */
    private void gotRoom(Slab slab) {
        Bin bin = bins[slab.classIndex()];
        if (!slab.isFiled()) {
            bin.withRoom.addLast(slab);
            slab.setFiled(true);
        }
        if (slab.isEmpty()) {
            bin.empty += slab == bin.current ? 0 : 1;
            surplus |= bin.empty > keptIn(bin, emptyKept) || (emptyKept == 0 && slab == bin.current);
        }
    }

    /** How many of the slabs in the list may stay empty, if so many of the class may. */
    private static int keptIn(Bin bin, int keep) {
        return bin.current.isEmpty() ? Math.max(0, keep - 1) : keep;
    }

    /** Whether so many slabs are empty that some should be {@linkplain #takeSurplus taken} and dropped. */
    boolean hasSurplus() {
        return surplus;
    }

    /**
     * Puts a slab with blocks given back, whose mark the caller has, before whoever owns it; lock-free. A slab that was dropped
     * meanwhile has nothing left to collect.
     */
    static void handOver(@Nullable Slab first) {
        Slab slab = first;
        while (slab != null) {
            Slab below = slab.nextGivenBack;
            slab.nextGivenBack = null;
            SlabOwner owner = slab.owner();
            if (owner != null && owner.queue(slab)) {
                // It closed, and its slabs have other owners now. Nobody else may come to look into its stack.
                handOver(owner.givenBack.takeAll());
            }
            slab = below;
        }
    }

    private boolean queue(Slab slab) {
        givenBack.push(slab);
        region.step("segregated.queued");
        // The push is a full fence; pairs with: close, which closes before it takes the stack.
        return closed;
    }

    /** Whether blocks wait to be collected. */
    boolean hasGivenBack() {
        return !givenBack.isEmpty();
    }

    /** Collects what other threads gave back. An exclusive owner's own thread only. */
    void collectGivenBack() {
        lock();
        try {
            collect();
        } finally {
            unlock();
        }
    }

    private void collect() {
        Slab slab = givenBack.takeAll();
        while (slab != null) {
            Slab below = slab.nextGivenBack;
            slab.nextGivenBack = null;
            collect(slab);
            slab = below;
        }
    }

    private void collect(Slab slab) {
        if (!slab.isOwnedBy(this)) {
            // It changed hands after somebody looked up its owner.
            handOver(slab);
            return;
        }
        slab.dequeued();
        region.step("segregated.dequeued");
        if (slab.collect(region)) {
            gotRoom(slab);
        }
    }

    /** Takes a slab in that nobody else owns any more. */
    void adopt(Slab slab) {
        lock();
        try {
            add(slab);
        } finally {
            unlock();
        }
    }

    private void add(Slab slab) {
        slab.belongTo(this);
        slab.setFiled(false);
        if (!slab.isFull()) {
            gotRoom(slab);
        }
    }

    /** Takes a slab with room out, for another owner; a full one rather than others, so that those may become empty. */
    @Nullable
    Slab takeWithRoom(int classIndex) {
        lock();
        try {
            collect();
            Bin bin = bins[classIndex];
            Slab best = null;
            Slab slab = firstOf(bin);
            for (int looks = 0; slab != null && looks < LOOKS_MAX; looks++) {
                best = best == null || slab.claimedCount() > best.claimedCount() ? slab : best;
                slab = nextOf(bin, slab);
            }
            if (best != null) {
                unlist(bin, best);
            }
            return best;
        } finally {
            unlock();
        }
    }

    /** Takes empty slabs out, all but a number in each bin; the caller drops them. */
    void takeEmpty(int keep, Collection<Slab> taken) {
        if (exclusive) {
            return;
        }
        lock();
        try {
            collect();
            for (Bin bin : bins) {
                takeEmpty(bin, keep, taken);
            }
        } finally {
            unlock();
        }
    }

    /** As {@link #takeEmpty}, by the one thread of an exclusive owner. */
    void takeSurplus(Collection<Slab> taken) {
        lock();
        try {
            surplus = false;
            for (Bin bin : bins) {
                takeEmpty(bin, emptyKept, taken);
            }
        } finally {
            unlock();
        }
    }

    // Those that became empty first stay: the slabs made last, when room was short, may be short ones.
    private void takeEmpty(Bin bin, int keep, Collection<Slab> taken) {
        if (keep == 0 && bin.current.isEmpty()) {
            take(removeCurrent(bin), taken);
        }
        preferLowest(bin);
        int kept = keptIn(bin, keep);
        Slab slab = firstOf(bin);
        for (int seen = 0; slab != null && bin.empty > kept; ) {
            Slab following = nextOf(bin, slab);
            if (slab.isEmpty() && ++seen > kept) {
                unlist(bin, slab);
                take(slab, taken);
            }
            slab = following;
        }
    }

    // Which of several empty slabs stays must not depend on which was used last: what was allocated and freed leaves no
    // trace.
    private static void preferLowest(Bin bin) {
        if (!bin.current.isEmpty()) {
            return;
        }
        Slab lowest = bin.current;
        for (Slab slab = firstOf(bin); slab != null; slab = nextOf(bin, slab)) {
            lowest = slab.isEmpty() && slab.firstPage() < lowest.firstPage() ? slab : lowest;
        }
        if (lowest != bin.current) {
            unlist(bin, lowest);
            bin.withRoom.addLast(bin.current);
            bin.empty++;
            bin.current = lowest;
        }
    }

    private static void take(Slab slab, Collection<Slab> taken) {
        slab.setFiled(false);
        slab.belongTo(null);
        taken.add(slab);
    }

    private static Slab removeCurrent(Bin bin) {
        Slab slab = bin.current;
        bin.current = Slab.NONE;
        return slab;
    }

    /**
     * Looks whether the owner was called since the last look, and if not gives slabs with room to the depot: one at the first
     * such look, then 2, 4, 8 and so on.
     *
     * @param mostSlabs how many at most
     * @return how many slabs went
     */
    int collectIdle(SlabOwner depot, int mostSlabs) {
        if (exclusive) {
            return 0;
        }
        lock();
        try {
            collect();
            idleTicks = calls == 0 ? idleTicks + 1 : 0;
            calls = 0;
            int due = idleTicks == 0 ? 0 : Math.min(mostSlabs, 1 << Math.min(idleTicks - 1, Integer.SIZE - 2));
            return giveSlabs(depot, due);
        } finally {
            unlock();
        }
    }

    /**
     * Gives all slabs to the depot for good; nobody claims here any more.
     *
     * @param slabs visits all slabs of the policy
     */
    void close(SlabOwner depot, Consumer<Consumer<Slab>> slabs) {
        exclusive = false;
        lock.lock();
        try {
            collect();
            giveSlabs(depot, Integer.MAX_VALUE);
            slabs.accept(slab -> {
                if (slab.isOwnedBy(this)) {
                    // Full, and so in no list.
                    slab.belongTo(depot);
                }
            });
            closed = true;
            lastSlab = Slab.NONE;
        } finally {
            lock.unlock();
        }
        handOver(givenBack.takeAll());
    }

    /** Collects what was given back if nobody holds the lock; returns whether that could be done. */
    boolean tryCollect() {
        if (exclusive || !lock.tryLock()) {
            return false;
        }
        try {
            collect();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private int giveSlabs(SlabOwner depot, int most) {
        int given = 0;
        for (Bin bin : bins) {
            if (given < most && bin.current != Slab.NONE) {
                depot.adopt(removeCurrent(bin));
                given++;
            }
            while (given < most && !bin.withRoom.isEmpty()) {
                Slab slab = bin.withRoom.first();
                unlist(bin, slab);
                depot.adopt(slab);
                given++;
            }
        }
        return given;
    }

    private static void unlist(Bin bin, Slab slab) {
        bin.withRoom.remove(slab);
        bin.empty -= slab.isEmpty() ? 1 : 0;
    }

    private static @Nullable Slab firstOf(Bin bin) {
        return bin.withRoom.isEmpty() ? null : bin.withRoom.first();
    }

    private static @Nullable Slab nextOf(Bin bin, Slab slab) {
        return bin.withRoom.hasNext(slab) ? bin.withRoom.next(slab) : null;
    }

    private void lock() {
        if (!exclusive) {
            region.step("segregated.lock-owner");
            lock.lock();
        }
    }

    private void unlock() {
        if (!exclusive) {
            lock.unlock();
        }
    }
}
