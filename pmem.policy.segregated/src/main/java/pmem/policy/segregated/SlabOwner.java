package pmem.policy.segregated;

import java.util.Collection;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.extent.IdleSteps;
import pmem.spi.extent.OwnerLock;

/**
 * Who claims from a set of slabs: a group of threads (an arena), one thread (an access, or what a thread without one is bound
 * to), or nobody in particular (the depot). Blocks of its slabs that others release come back by way of {@link GivenBackSlabs}, so a release never waits.
 *
 * <p>An {@link OwnerLock} guards everything; that of an owner of one thread costs no locked instruction. Locks are taken in
 * this order: an owner's, then the depot's. A slab changes its owner under the lock of the one it leaves, and is touched by the new
 * one alone from then on.
 */
@SuppressWarnings("ReferenceEquality") // slabs and owners have no other equality
class SlabOwner {
    /** Where an owner gets a slab that it does not have. */
    interface SlabSource {
        /** A slab of a class with room that belongs to the given owner from now on, or nothing if there is no room for one. */
        @Nullable
        Slab next(int classIndex, SlabOwner owner);
    }

    private final Region region;
    private final OwnerLock lock;
    private final GivenBackSlabs givenBack;
    private final Transit transit;
    private final SlabSet slabs;
    private final int node;

    /** Claims and releases since the maintainer last looked, and how often it found none. */
    private int calls;

    private int idleTicks;

    /** The block that the owner's own threads claimed last, for the one thread of an access. */
    private Slab lastSlab = Slab.NONE;

    private int lastIndex;

    private SlabOwner(Region region, Transit transit, int classCount, int node, int emptyKept, OwnerLock lock) {
        this.region = region;
        this.node = node;
        this.transit = transit;
        this.lock = lock;
        givenBack = new GivenBackSlabs(region);
        slabs = new SlabSet(classCount, emptyKept);
    }

    /**
     * An owner without slabs; alone in its last line, wherever a collector puts it.
     *
     * @param node the NUMA node its slabs are of, as its place among those of the region
     * @param emptyKept how many empty slabs of a class it keeps
     */
    static SlabOwner of(Region region, Transit transit, int classCount, int node, int emptyKept, OwnerLock lock) {
        return new Apart(region, transit, classCount, node, emptyKept, lock);
    }

    /** Fields of a subclass stand behind those of its superclass. */
    @SuppressWarnings({"unused", "UnusedVariable"}) // room
    private static final class Apart extends SlabOwner {
        private long room1;
        private long room2;
        private long room3;
        private long room4;
        private long room5;
        private long room6;
        private long room7;
        private long room8;

        Apart(Region region, Transit transit, int classCount, int node, int emptyKept, OwnerLock lock) {
            super(region, transit, classCount, node, emptyKept, lock);
        }
    }

    /** The NUMA node its slabs are of as long as that has room. */
    int node() {
        return node;
    }

    /** Whether other threads may do more than give blocks back. */
    boolean isShared() {
        return !lock.isExclusive();
    }

    /** Claims a block, if need be from a further slab; {@link Handles#NONE} if there is no room. */
    long claim(int classIndex, SlabSource source) {
        lock.enter();
        try {
            SlabBin bin = slabs.bin(classIndex);
            int index = claimIndex(bin, classIndex, source);
            lastSlab = bin.current();
            lastIndex = index;
            return index < 0 ? Handles.NONE : lastSlab.handleOf(index);
        } finally {
            lock.exit();
        }
    }

    /**
     * As {@link #claim}, and makes the block allocated: its state is a byte, which nobody but who has claimed it may change from 0.
     */
    long allocate(int classIndex, SlabSource source) {
        lock.enter();
        try {
            SlabBin bin = slabs.bin(classIndex);
            int index = claimIndex(bin, classIndex, source);
            if (index < 0) {
                return Handles.NONE;
            }
            Slab slab = bin.current();
            slab.setState(region, index);
            return slab.handleOf(index);
        } finally {
            lock.exit();
        }
    }

    /** Claims a block of what is the bin's current slab at return; its index, or -1 if there is no room. */
    private int claimIndex(SlabBin bin, int classIndex, SlabSource source) {
        calls++;
        Slab slab = bin.current();
        // Not where others release blocks now: both would wait for the lines that the other has just written.
        int index = slab.isQueued() ? -1 : slab.claim(region);
        return index >= 0 ? index : nextCurrent(bin, classIndex, source).claim(region);
    }

    /** As {@link #claim}, for as many of some blocks as the current slab has, or a further one; returns how many. */
    int claimSome(int classIndex, SlabSource source, long[] handles, int from, int end) {
        lock.enter();
        try {
            SlabBin bin = slabs.bin(classIndex);
            calls++;
            int next = bin.current().isQueued() ? from : claimSome(bin.current(), handles, from, end);
            return (next > from ? next : claimSome(nextCurrent(bin, classIndex, source), handles, from, end)) - from;
        } finally {
            lock.exit();
        }
    }

    private int claimSome(Slab slab, long[] handles, int from, int end) {
        int next = from;
        while (next < end) {
            int index = slab.claim(region);
            if (index < 0) {
                return next;
            }
            handles[next++] = slab.handleOf(index);
        }
        return next;
    }

    /** Claims a block from a slab there is, for a thread of another owner; leaves alone what is kept for the owner's own. */
    long claimForOther(int classIndex) {
        if (lock.isExclusive()) {
            return Handles.NONE;
        }
        lock.lock();
        try {
            SlabBin bin = slabs.bin(classIndex);
            Slab slab = bin.current();
            int index = slab.claim(region);
            if (index < 0) {
                collect();
                goOn(bin, false);
                slab = bin.current();
                index = slab.claim(region);
            }
            return index < 0 ? Handles.NONE : slab.handleOf(index);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the owner claims from a slab now; a guess of another thread. */
    boolean claimsFrom(Slab slab) {
        return current(slab.classIndex()) == slab;
    }

    private Slab current(int classIndex) {
        return slabs.bin(classIndex).current();
    }

    /** What blocks of a class are claimed from; for the one thread of an exclusive owner. */
    SlabBin bin(int classIndex) {
        return slabs.bin(classIndex);
    }

    /**
     * Puts a slab with room in the place of the current one if that is full, or if others release blocks of it and there is another
     * slab with room; {@link Slab#NONE} if there is none at all.
     */
    private Slab nextCurrent(SlabBin bin, int classIndex, SlabSource source) {
        Slab slab = bin.asksForFurther() ? bin.current() : nextCurrent(bin);
        if (slab.isFull()) {
            Slab further = source.next(classIndex, this);
            if (further != null) {
                bin.makeCurrent(further);
            } else {
                bin.replaceCurrent();
            }
        }
        return bin.current();
    }

    /**
     * As the other one, among the slabs there are; by the one thread of an exclusive owner. The current slab stays though it is full
     * where others have just released some of few free blocks: then a further slab is better. Who claims what others release at once comes
     * to look again and again, and each time both wait for lines that the other has just written.
     */
    Slab nextCurrent(SlabBin bin) {
        boolean releasedElsewhere = bin.current().isQueued();
        boolean cameBack = collect();
        if (cameBack && bin.current().isFull() && bin.hasLittleRoom()) {
            bin.askForFurther();
        } else {
            goOn(bin, releasedElsewhere);
        }
        return bin.current();
    }

    private static void goOn(SlabBin bin, boolean releasedElsewhere) {
        if (bin.current().isFull()) {
            bin.replaceCurrent();
        } else if (releasedElsewhere) {
            bin.walkAway();
        }
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
        lock.enter();
        try {
            if (!slab.isOwnedBy(this)) {
                return false;
            }
            calls++;
            unclaimOwn(slab, blockIndex);
            return true;
        } finally {
            lock.exit();
        }
    }

    /**
     * Frees a block of a slab of this owner and gives it back. Of several threads that free a block at once one succeeds.
     *
     * @param handle any value at all
     * @param mayBeNamed asked after the state was cleared; if it says yes the block gets its state back
     * @return whether the block is free now; nothing was changed if not
     */
    boolean free(Slab slab, long handle, BooleanSupplier mayBeNamed) {
        lock.enter();
        try {
            int index = slab.isOwnedBy(this) ? slab.indexOf(handle) : -1;
            if (index < 0 || !slab.clearState(region, index)) {
                return false;
            }
            if (mayBeNamed.getAsBoolean()) {
                slab.setState(region, index);
                return false;
            }
            calls++;
            unclaimOwn(slab, index);
            return true;
        } finally {
            lock.exit();
        }
    }

    /** As {@link #unclaim}, for a block and those behind it that are in the same slab; returns the first that is left. */
    int unclaimSome(Slab slab, long[] handles, int from, int end) {
        lock.enter();
        try {
            int next = from;
            if (slab.isOwnedBy(this)) {
                calls++;
                for (int index = slab.indexOf(handles[next]); index >= 0; index = indexOf(slab, handles, next, end)) {
                    unclaimOwn(slab, index);
                    next++;
                }
            }
            return next;
        } finally {
            lock.exit();
        }
    }

    private static int indexOf(Slab slab, long[] handles, int at, int end) {
        return at < end ? slab.indexOf(handles[at]) : -1;
    }

    private void unclaimOwn(Slab slab, int blockIndex) {
        if (slab.needsFiling(slab.unclaim(region, blockIndex))) {
            gotRoom(slab);
        }
    }

    /** Files a slab of this owner that got room; by the one thread that has the owner to itself. */
    void gotRoom(Slab slab) {
        slabs.gotRoom(slab);
    }

    /** Whether so many slabs are empty that some should be {@linkplain #takeSurplus taken} and dropped. */
    boolean hasSurplus() {
        return slabs.hasSurplus();
    }

    /** Where others put slabs of which they have released blocks. */
    GivenBackSlabs givenBack() {
        return givenBack;
    }

    /** Collects what others have given back; says whether there was anything. */
    private boolean collect() {
        if (givenBack.isEmpty()) {
            return false;
        }
        transit.begin();
        Slab slab = givenBack.takeAll();
        while (slab != null) {
            Slab below = slab.nextGivenBack;
            slab.nextGivenBack = null;
            collect(slab);
            slab = below;
        }
        transit.end();
        return true;
    }

    private void collect(Slab slab) {
        if (!slab.isOwnedBy(this)) {
            // It changed hands after somebody looked up its owner.
            GivenBackSlabs.handOver(slab);
            return;
        }
        SlabOwner heir = slab.heir();
        if (heir != null && passOn(slab, heir)) {
            return;
        }
        slab.dequeued();
        region.step("segregated.dequeued");
        collectBlocks(slab);
    }

    private void collectBlocks(Slab slab) {
        boolean any = slab.collect(region);
        // One that was passed on is in no list yet, though it may have had room before.
        if (any || (!slab.isFiled() && !slab.isFull())) {
            slabs.gotRoom(slab);
        }
    }

    /**
     * Collects the blocks given back to a slab that is not in the stack yet, if that can be done.
     *
     * @return whether the slab has another owner meanwhile
     */
    boolean collectBelated(Slab slab) {
        if (lock.isExclusive()) {
            return false;
        }
        lock.lock();
        try {
            boolean own = slab.isOwnedBy(this);
            if (own) {
                collectBlocks(slab);
            }
            return !own;
        } finally {
            lock.unlock();
        }
    }

    /** Collects what was given back and passed on; by a thread of the owner's own. */
    void collectGivenBack() {
        lock.enter();
        try {
            collect();
        } finally {
            lock.exit();
        }
    }

    /** Collects what was given back if nobody holds the lock; returns whether that could be done. */
    boolean tryCollect() {
        if (lock.isExclusive() || !lock.tryLock()) {
            return false;
        }
        try {
            collect();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a slab over from another owner, with all that was given back to it; not a depot, for a thread of its own. If
     * only the other owner's thread may let go of the slab, it will when it collects.
     *
     * @return whether the slab is this owner's now; not if the other claims from it, or somebody has the other's lock
     */
    boolean takeOver(Slab slab) {
        SlabOwner from = slab.owner();
        if (from == null || from == this) {
            return false;
        }
        if (from.lock.isExclusive()) {
            slab.setHeir(this);
            return false;
        }
        lock.enter();
        try {
            boolean over = from.tryLeave(slab, this);
            if (over) {
                slab.collect(region);
                slabs.fileIfRoom(slab);
            }
            return over;
        } finally {
            lock.exit();
        }
    }

    // Two owners may want slabs of each other at once, so neither waits for the other's lock.
    private boolean tryLeave(Slab slab, SlabOwner newOwner) {
        region.step("segregated.try-leave");
        if (!lock.tryLock()) {
            return false;
        }
        try {
            boolean out = slab.isOwnedBy(this) && slabs.takeOut(slab);
            if (out) {
                slab.belongTo(newOwner);
            }
            return out;
        } finally {
            lock.unlock();
        }
    }

    /** Passes a slab taken out of the stack on to who asked for it; says whether it is gone. */
    private boolean passOn(Slab slab, SlabOwner heir) {
        slab.setHeir(null);
        if (!slabs.takeOut(slab)) {
            return false;
        }
        region.step("segregated.pass-on");
        boolean gone = heir.tryAccept(slab);
        if (gone) {
            GivenBackSlabs.handOver(slab);
        } else {
            slabs.fileIfRoom(slab);
        }
        return gone;
    }

    // An owner that has closed looks into its stack no more; pairs with: close, which closes under the lock.
    private boolean tryAccept(Slab slab) {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            boolean accepted = !givenBack.isClosed();
            if (accepted) {
                slab.belongTo(this);
            }
            return accepted;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a slab in that nobody else claims from any more. */
    void adopt(Slab slab) {
        lock.lock();
        try {
            slab.belongTo(this);
            slab.setFiled(false);
            slabs.fileIfRoom(slab);
        } finally {
            lock.unlock();
        }
    }

    /** Gives a slab with room to another owner, who is about to claim from it. */
    @Nullable
    Slab takeWithRoom(int classIndex, SlabOwner newOwner) {
        lock.lock();
        try {
            collect();
            Slab slab = slabs.bin(classIndex).takeFullest();
            if (slab != null) {
                // Here, so that nobody collects it for this owner while the other claims.
                slab.belongTo(newOwner);
            }
            return slab;
        } finally {
            lock.unlock();
        }
    }

    /** Takes empty slabs out, all but a number in each bin; the caller drops them. */
    void takeEmpty(int keep, Collection<Slab> taken) {
        if (lock.isExclusive()) {
            return;
        }
        lock.lock();
        try {
            collect();
            slabs.takeEmpty(keep, taken);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #takeEmpty}, of those beyond what is kept; not while the owner is exclusive. */
    void takeSurplus(Collection<Slab> taken) {
        lock.lock();
        try {
            slabs.takeSurplus(taken);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #takeSurplus}, by a thread of the owner's own. */
    void takeOwnSurplus(Collection<Slab> taken) {
        lock.enter();
        try {
            slabs.takeSurplus(taken);
        } finally {
            lock.exit();
        }
    }

    /**
     * Looks whether the owner was called since the last look, and if not gives slabs with room to the depot: one at the first
     * such look, then 2, 4, 8 and so on. If it was, it gives those that are more than it should keep.
     *
     * @param depots tells the depot of a slab
     * @param mostIdle how many an idle owner gives at most
     * @param roomKept how many slabs with room of a class an owner in use keeps beside the one it claims from
     */
    void look(Function<Slab, SlabOwner> depots, int mostIdle, int roomKept) {
        if (lock.isExclusive()) {
            return;
        }
        lock.lock();
        try {
            collect();
            idleTicks = calls == 0 ? idleTicks + 1 : 0;
            calls = 0;
            if (idleTicks == 0) {
                slabs.give(
                        Integer.MAX_VALUE,
                        false,
                        roomKept,
                        slab -> depots.apply(slab).adopt(slab));
            } else {
                int due = IdleSteps.due(idleTicks, mostIdle);
                slabs.give(due, true, 0, slab -> depots.apply(slab).adopt(slab));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Pages of the empty slabs; 0 if only the owner's thread may look. */
    int emptyPages() {
        if (lock.isExclusive()) {
            return 0;
        }
        lock.lock();
        try {
            return slabs.emptyPages();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives all slabs to depots for good; nobody claims here any more.
     *
     * @param depots tells the depot of a slab
     * @param allSlabs visits all slabs of the policy
     */
    void close(Function<Slab, SlabOwner> depots, Consumer<Consumer<Slab>> allSlabs) {
        lock.share();
        transit.begin();
        lock.lock();
        try {
            collect();
            slabs.give(Integer.MAX_VALUE, true, 0, slab -> depots.apply(slab).adopt(slab));
            allSlabs.accept(slab -> {
                if (slab.isOwnedBy(this)) {
                    // Full, and so in no list.
                    slab.belongTo(depots.apply(slab));
                }
            });
            givenBack.close();
            lastSlab = Slab.NONE;
        } finally {
            lock.unlock();
        }
        GivenBackSlabs.handOver(givenBack.takeAll());
        transit.end();
    }
}
