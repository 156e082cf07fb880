package pmem.policy.segregated;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.NodeStretches;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.PolicySpace;
import pmem.spi.Region;
import pmem.spi.extent.ExtentPolicy;
import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.FreeExtents;
import pmem.spi.extent.KeptPlan;
import pmem.spi.extent.MediumBlocks;
import pmem.spi.extent.MediumCache;
import pmem.spi.extent.MediumPlan;
import pmem.spi.extent.OwnerLock;
import pmem.spi.extent.SizeClasses;
import pmem.spi.extent.SlabExtent;
import pmem.spi.extent.SlabPlan;

/**
 * The {@code segregated} policy. A block's state is a bit in the header of its slab, or, in memory that is volatile anyway, a
 * byte, which its owner can change without a locked instruction.
 *
 * <p>Slabs have owners: accesses, each of one thread; those that platform threads without an access are {@linkplain ThreadOwners
 * bound} to; arenas, which all other threads are divided among in the order of their ids, which count up; and the depot, for slabs that
 * nobody claims from now. An owner without room takes a slab from the depot before it makes one. When room is short, everybody's empty
 * slabs go, and a thread claims from the slabs of others.
 *
 * <p>Each NUMA node of the region has owners of threads, arenas and a depot of its own, and owners make their slabs of its pages. Only when those are used
 * up they take pages of the next node. A slab goes back to the depot of the node its memory is on.
 */
final class SegregatedPolicy extends ExtentPolicy<Slab> implements SlabOwner.SlabSource {
    static final PersistPoint SLAB_HEADER_CLEARED = new PersistPoint(
            "segregated.slab-header-cleared",
            "The all-zero header of a new slab is on media before its table word. Recovery finds either no slab, and then"
                    + " whatever the lines hold does not matter, or a slab without allocated blocks.");
    static final PersistPoint SLAB_CREATED = new PersistPoint(
            "segregated.slab-created",
            "The table word of a slab is on media before one of its blocks is handed out. Recovery so never meets an allocated"
                    + " block outside a slab.");
    static final PersistPoint SLAB_DROPPED = new PersistPoint(
            "segregated.slab-dropped",
            "The cleared table word of an empty slab is on media before one of its pages is reused. Recovery finds either an"
                    + " empty slab or free pages, and never takes the content of other blocks for a header.");

    static final PersistPoint MEDIUM_TAGS_CLEARED = new PersistPoint(
            "segregated.medium-tags-cleared",
            "The all-zero tags of a new segment of medium blocks are on media before its table word. Recovery finds either no"
                    + " segment, and then whatever the lines hold does not matter, or a segment without allocated blocks.");
    static final PersistPoint MEDIUM_CREATED = new PersistPoint(
            "segregated.medium-created",
            "The table word of a segment of medium blocks is on media before one of its blocks is handed out. Recovery so never"
                    + " meets an allocated block outside a segment.");
    static final PersistPoint MEDIUM_DROPPED = new PersistPoint(
            "segregated.medium-dropped",
            "The cleared table word of an empty segment of medium blocks is on media before one of its pages is reused. Recovery"
                    + " finds either an empty segment or free pages, and never takes the content of other blocks for tags.");

    private static final int BLOCKS_MIN = 4;

    private final SizeClasses classes;
    private final SlabHeaderLayout headers;
    private final Transit transit = new Transit();
    private final SlabOwners owners;
    private final AtomicInteger boundThreads = new AtomicInteger();
    private final SegregatedParameters parameters;
    /** Held while empty slabs become free pages, so that who is short of room can wait for that. */
    private final ReentrantLock dropping = new ReentrantLock();

    private final FreeStorage storage;
    private final Upkeep upkeep;
    private final Maintainer<SegregatedPolicy> maintainer;

    private SegregatedPolicy(
            PolicySpace space,
            ExtentTableLayout layout,
            SegregatedParameters parameters,
            SizeClasses classes,
            SlabHeaderLayout headers) {
        super(
                space,
                layout,
                classes,
                plan(layout, parameters, classes, headers),
                headers.alignmentMax(),
                mediumPlan(parameters),
                new KeptPlan(parameters.largeBlockBytesKept(), parameters.largeBytesKept()));
        this.classes = classes;
        this.headers = headers;
        this.parameters = parameters;
        owners = new SlabOwners(
                region().nodes().count(),
                parameters.arenas(),
                transit,
                node -> new ThreadOwners(
                        region(),
                        parameters.threadCaches(),
                        () -> newOwner(node, parameters.emptySlabsKept(), OwnerLock.ofOneThread(region())),
                        this::threadBound),
                node -> newOwner(node, parameters.emptySlabsKept(), OwnerLock.shared(region())),
                // What is empty and nobody's is free space.
                node -> newOwner(node, 0, OwnerLock.shared(region())));
        storage = new FreeStorage(
                freeSpace(),
                region().storageStepBytes(),
                region().maxCapacityBytes(),
                parameters.giveBackTicks(),
                parameters.freeBytesKept());
        upkeep = new Upkeep(owners, parameters, storage, this::depotOf, this::trim, this::drop);
        maintainer = new Maintainer<>(parameters.maintenanceMillis(), this, SegregatedPolicy::maintain);
    }

    private FreeStorage.Space freeSpace() {
        return new FreeStorage.Space() {
            @Override
            public void forEachFreeRange(RangeVisitor visitor) {
                SegregatedPolicy.this.forEachFreeRange(visitor);
            }

            @Override
            public boolean release(long offset, long endOffset) {
                return releaseIfFree(offset, endOffset, region()::releaseStorage);
            }
        };
    }

    // What a thread keeps is in nobody's way while it is the only one.
    private void threadBound() {
        if (boundThreads.incrementAndGet() > 1) {
            maintainer.start();
        }
    }

    private SlabOwner newOwner(int node, int emptyKept, OwnerLock lock) {
        return SlabOwner.of(region(), transit, classes.count(), node, emptyKept, lock);
    }

    static SlabPlan plan(
            ExtentTableLayout layout, SegregatedParameters parameters, SizeClasses classes, SlabHeaderLayout headers) {
        SlabPlan.Lengths lengths =
                new SlabPlan.Lengths(parameters.slabBytes(), BLOCKS_MIN, Integer.MAX_VALUE, parameters.growth());
        return new SlabPlan(classes, layout.pageBytes(), lengths, headers::blockCount);
    }

    static Optional<MediumPlan> mediumPlan(SegregatedParameters parameters) {
        return parameters.hasMedium()
                ? Optional.of(new MediumPlan(
                        parameters.mediumUnitBytes(),
                        parameters.largestClassBytes() + 1L,
                        parameters.mediumBytes(),
                        parameters.mediumSegmentBytes(),
                        parameters.mediumSegments(),
                        parameters.headerColours(),
                        parameters.arenas(),
                        parameters.emptySlabsKept(),
                        MEDIUM_TAGS_CLEARED,
                        MEDIUM_CREATED,
                        MEDIUM_DROPPED))
                : Optional.empty();
    }

    static Policy attach(PolicySpace space, ExtentTableLayout layout, SegregatedParameters parameters) {
        SlabHeaderLayout headers = headers(space.region(), layout, parameters);
        SegregatedPolicy policy = new SegregatedPolicy(space, layout, parameters, parameters.sizeClasses(), headers);
        policy.rebuild();
        // After a crash there may be many slabs whose blocks had only been reserved.
        policy.owners.forEachDepot(policy::trim);
        policy.medium().ifPresent(MediumBlocks::trim);
        if (policy.storage.isActive()) {
            policy.maintainer.start();
        }
        return policy;
    }

    static SlabHeaderLayout headers(Region region, ExtentTableLayout layout, SegregatedParameters parameters) {
        return new SlabHeaderLayout(layout.pageBytes(), parameters.headerColours(), region.isTransient());
    }

    // A slab is no shorter for storage that is just being given back.
    @Override
    protected int takePages(FreeExtents pages, int count, int node) {
        int page = super.takePages(pages, count, node);
        if (page < 0 && storage.isActive()) {
            storage.giveWay();
            page = super.takePages(pages, count, node);
            storage.goOn();
        }
        return page;
    }

    @Override
    protected void beginShortage() {
        storage.giveWay();
        medium().ifPresent(MediumBlocks::beginShortage);
    }

    @Override
    protected void endShortage() {
        medium().ifPresent(MediumBlocks::endShortage);
        storage.goOn();
    }

    @Override
    protected long claim(int classIndex) {
        return claim(classIndex, 1, nodeOfThread());
    }

    @Override
    protected long claim(int classIndex, long alignmentBytes, int node) {
        long handle = owners.ofThread(node).claim(classIndex, this);
        return handle != Handles.NONE ? handle : claimExisting(classIndex, node);
    }

    @Override
    protected long claimExisting(int classIndex) {
        return claimExisting(classIndex, nodeOfThread());
    }

    @Override
    protected long claimExisting(int classIndex, int node) {
        // A slab is counted before anybody can claim from it.
        return blocksOfClass(classIndex) == 0 ? Handles.NONE : owners.claimExisting(classIndex, node);
    }

    /** Serves a request for which an owner of this node has no room. */
    long reserveOfOthers(int classIndex, long bytes, long alignmentBytes, int node) {
        long handle = classIndex < 0 ? Handles.NONE : claimExisting(classIndex, node);
        return handle != Handles.NONE ? handle : reserveElsewhere(classIndex, bytes, alignmentBytes, node);
    }

    @Override
    public @Nullable Slab next(int classIndex, SlabOwner owner) {
        Slab slab = owners.depot(owner.node()).takeWithRoom(classIndex, owner);
        if (slab == null) {
            slab = createSlab(SLAB_CREATED, classIndex, owner.node()).orElse(null);
            if (slab != null) {
                slab.belongTo(owner);
            }
        }
        return slab;
    }

    @Override
    protected void unclaim(Slab slab, int index) {
        unclaim(ownerOfThread(), slab, index);
    }

    /** Gives a claimed block back on behalf of a thread with these slabs. */
    void unclaim(SlabOwner own, Slab slab, int index) {
        if (slab.isOwnedBy(own) && own.unclaim(slab, index)) {
            trimOwn(own);
        } else {
            slab.giveBack(region(), index);
            // pairs with: Slab.dequeued
            VarHandle.fullFence();
            if (parameters.adoptAfter() > 0 && adopts(own, slab)) {
                trimOwn(own);
            } else {
                announce(slab);
            }
        }
    }

    /** Whether an access need not make sure at once that an owner hears of a block it gives back. */
    boolean announcesLate() {
        // In a transient region no full fence comes between two releases.
        return parameters.adoptAfter() == 0 && !region().isTransient();
    }

    /** Sees to it that an owner hears of a block given back, whose release all threads can see. */
    void announce(Slab slab) {
        if (!slab.isQueued()) {
            handOver(slab);
            collectIfEmpty(slab);
        }
    }

    /** Makes a slab of its own node its own of which a thread releases block after block, or that nobody claims from. */
    private boolean adopts(SlabOwner own, Slab slab) {
        // What was passed on to a thread that only frees would lie in its stack for ever.
        if (!own.givenBack().isEmpty()) {
            own.collectGivenBack();
            trimOwn(own);
        }
        if (nodeOf(slab) != own.node()) {
            return false;
        }
        int inARow = slab.givenInARow(own);
        return (inARow >= parameters.adoptAfter() || slab.isOwnedBy(owners.depot(own.node()))) && own.takeOver(slab);
    }

    /** Puts a slab before its owner, unless somebody else does. */
    private void handOver(Slab slab) {
        transit.begin();
        if (slab.markQueued()) {
            GivenBackSlabs.handOver(slab);
        }
        transit.end();
    }

    /** Sees to it that a slab which others have emptied does not wait for its owner's next call, unless that will be for it. */
    private void collectIfEmpty(Slab slab) {
        SlabOwner owner = slab.owner();
        if (owner != null && slab.claimedCount() == 0 && !owner.claimsFrom(slab) && owner.tryCollect()) {
            trim(owner);
        }
    }

    /** Drops what an owner that is not exclusive has too much of. */
    private void trim(SlabOwner owner) {
        if (owner.hasSurplus()) {
            region().step("segregated.trim");
            drop(owner::takeSurplus);
        }
    }

    /** As {@link #trim}, by a thread of the owner's own; returns what was dropped. */
    List<Slab> trimOwn(SlabOwner owner) {
        if (!owner.hasSurplus()) {
            return List.of();
        }
        region().step("segregated.trim");
        return drop(owner::takeOwnSurplus);
    }

    /** Drops what somebody takes out of owners, from taking to dropping under one lock; returns it. */
    private List<Slab> drop(Consumer<Collection<Slab>> taker) {
        dropping.lock();
        try {
            List<Slab> taken = new ArrayList<>();
            taker.accept(taken);
            if (!taken.isEmpty()) {
                region().step("segregated.slabs-taken-out");
                dropSlabs(SLAB_DROPPED, taken);
            }
            return taken;
        } finally {
            dropping.unlock();
        }
    }

    // There may be room now even if it drops none: whoever was dropping slabs is done when this thread has the lock,
    // what was on its way to an owner has come, and slabs may have changed hands while others were searched.
    @Override
    protected boolean dropEmptySlabs() {
        region().step("segregated.drop-empty");
        medium().ifPresent(MediumBlocks::giveCachedBack);
        drop(taken -> {
            owners.collectBelated(this::forEachSlab);
            owners.forEach(owner -> owner.takeEmpty(0, taken));
            if (parameters.adoptAfter() > 0) {
                // One may have passed slabs on to another that was looked at before it.
                owners.forEach(owner -> owner.takeEmpty(0, taken));
            }
        });
        return true;
    }

    @Override
    public PolicyAccess sharedAccess() {
        return new SharedAccess(this);
    }

    /** The owner of the calling thread's own calls, which it may share with others. */
    SlabOwner ownerOfThread() {
        return owners.ofThread(nodeOfThread());
    }

    /** Claims blocks of a class from the slabs of the calling thread, as many of some as there is room for; returns how many. */
    int claimSome(int classIndex, long[] handles, int from, int end) {
        return ownerOfThread().claimSome(classIndex, this, handles, from, end);
    }

    /** Gives a block back, and those behind it if they are of one slab of the calling thread; returns the first that is left. */
    int releaseSome(long[] handles, long[] allocatedValues, int from, int end) {
        Slab slab = slabOf(handles[from], Slab.NONE);
        if (slab.isNone()) {
            release(handles[from], allocatedValues[from]);
            return from + 1;
        }
        SlabOwner owner = ownerOfThread();
        int next = slab.isOwnedBy(owner) ? owner.unclaimSome(slab, handles, from, end) : from;
        if (next == from) {
            unclaim(owner, slab, slab.indexOf(handles[from]));
            return from + 1;
        }
        trimOwn(owner);
        return next;
    }

    @Override
    public PolicyAccess openAccess(boolean exclusive) {
        return openAccess(exclusive, nodeOfThread());
    }

    @Override
    public NodeStretches nodes() {
        return region().nodes();
    }

    @Override
    public PolicyAccess openAccess(boolean exclusive, int node) {
        OwnerLock lock = exclusive ? OwnerLock.exclusive(region()) : OwnerLock.ofOneThread(region());
        MediumCache cache = medium().map(blocks -> blocks.openCache(node)).orElse(null);
        SegregatedAccess access =
                SegregatedAccess.of(this, newOwner(node, parameters.emptySlabsKept(), lock), cache, region(), classes);
        owners.add(access);
        maintainer.start();
        return access;
    }

    /** Gives the slabs of an access to the depots, and its medium blocks to their heaps. */
    void close(SegregatedAccess access) {
        try {
            access.closeCache();
        } finally {
            access.owner().close(this::depotOf, this::forEachSlab);
            owners.remove(access);
        }
        owners.forEachDepot(this::trim);
    }

    // By where its memory is: an owner whose node was full has slabs of others.
    private SlabOwner depotOf(Slab slab) {
        return owners.depot(nodeOf(slab));
    }

    @Override
    public void maintain() {
        // First, so that the storage of what it empties can go.
        medium().ifPresent(MediumBlocks::lookAtCaches);
        giveIdlePagesBack(parameters.idleSlabsPerTick());
        upkeep.look();
    }

    // No other thread uses the policy, but its own would.
    @Override
    public void verify(Consumer<Finding> findings) {
        maintainer.whileAtRest(() -> super.verify(findings));
    }

    @Override
    public void close() {
        maintainer.stop();
    }

    @Override
    protected Slab newSlab(SlabExtent.Place place, int blockCount) {
        return slab(place, blockCount, layout(), classes, headers);
    }

    static Slab slab(
            SlabExtent.Place place,
            int blockCount,
            ExtentTableLayout layout,
            SizeClasses classes,
            SlabHeaderLayout headers) {
        int blockBytes = classes.bytes(place.classIndex());
        long slabBytes = place.pageCount() * layout.pageBytes();
        long slabOffset = layout.pageOffset(place.firstPage());
        return Slab.of(
                place,
                blockBytes,
                blockCount,
                slabOffset + headers.firstBlockOffset(slabBytes, blockBytes),
                slabOffset + headers.headerOffset(place.firstPage(), slabBytes),
                headers.statesAreBytes());
    }

    @Override
    protected void prepare(Slab slab) {
        long bytes = headers.headerBytes(slab.blockCount());
        for (long at = 0; at < bytes; at += Long.BYTES) {
            region().storePlain(slab.headerOffset() + at, 0);
        }
        region().writeBack(SLAB_HEADER_CLEARED, slab.headerOffset(), bytes);
        region().fence(SLAB_HEADER_CLEARED);
    }

    @Override
    protected void adopt(Slab slab) {
        depotOf(slab).adopt(slab);
    }

    // Headers are apart from each other, and for each of them the system would map a page and its neighbours.
    @Override
    protected void load(Slab slab, Consumer<Finding> findings) {
        long[] words = readHeader(slab);
        slab.load(words);
        checkHeader(slab, words, findings);
    }

    // A copy may tear a word, but no byte: each bit is as it was before or after a change.
    @Override
    protected void readStates(Slab slab, long[] into) {
        long[] header = readHeader(slab);
        System.arraycopy(slab.statesOf(header), 0, into, 0, into.length);
    }

    @Override
    protected void checkLoaded(Consumer<Finding> findings) {
        // Done with each header.
    }

    @Override
    protected void checkUnusedStateBits(Consumer<Finding> findings) {
        forEachSlab(slab -> checkHeader(slab, readHeader(slab), findings));
    }

    private long[] readHeader(Slab slab) {
        long[] words = new long[(int) (headers.headerBytes(slab.blockCount()) / Long.BYTES)];
        region().loadOnce(slab.headerOffset(), words);
        return words;
    }

    private void checkHeader(Slab slab, long[] words, Consumer<Finding> findings) {
        slab.forEachStrayWord(words, (offset, stray) -> findings.accept(strayFinding(layout(), slab, offset, stray)));
    }

    static Finding strayFinding(ExtentTableLayout layout, Slab slab, long offset, long stray) {
        return new Finding(
                Finding.Severity.ERROR,
                "segregated.stray-bits",
                "slab header " + layout.describe(slab.firstPage()),
                offset,
                "0 in the bits after block " + (slab.blockCount() - 1),
                "0x" + Long.toHexString(stray));
    }
}
