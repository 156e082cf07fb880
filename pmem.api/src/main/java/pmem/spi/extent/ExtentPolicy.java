package pmem.spi.extent;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import pmem.api.BlockVisitor;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.spi.NodeStretches;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicySpace;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * A policy whose small blocks come from slabs and whose large ones are runs of pages, all recorded in one extent table.
 *
 * <p>A subclass keeps the lists of its slabs and decides from which one a block is claimed. Here are the ways of a request, finding a
 * block's slab, and the figures. {@code SlabMaker} makes and drops slabs, {@code OtherBlocks} serves what is in no slab, {@code
 * ExtentLoad} reads the media, {@code ExtentWalk} visits blocks, {@code ExtentFigures} adds up, {@code ExtentTrim} gives storage back,
 * {@code ExtentVerifier} verifies.
 *
 * <p>When room is short a request goes, in this order, to the pages that large blocks have left and that are kept for others, to a
 * shorter new slab, to the pages of empty slabs that were kept, to blocks of larger classes, to units of the segments of medium blocks,
 * and to whole pages.
 *
 * @param <S> the subclass's slabs
 */
public abstract class ExtentPolicy<S extends SlabExtent> extends Policy {
    private static final long BLOCK_ALLOCATED = 1;

    private final Region region;
    /** The layout of the whole space, also of what is not there yet. */
    private final ExtentTableLayout layout;
    /** As much of it as is there. */
    private volatile ExtentTableLayout usableLayout;

    private final SizeClasses classes;
    private final SlabPlan plan;
    private final long slabAlignmentMax;
    private final NodeStretches nodes;
    private final FreeExtents free;
    private final ExtentMap<S> map;
    private final OtherBlocks others;
    private final SlabMaker<S> slabs;
    private final ExtentFigures<S> figures;
    /** While the space is rebuilt: whether it holds nothing. */
    private boolean blank;

    /**
     * Starts with an empty space; {@link #rebuild} reads the media.
     *
     * @param space the space
     * @param layout where things are
     * @param plan lengths of slabs
     * @param classes the ladder of block sizes
     * @param slabAlignmentMax largest alignment that holds for every block of a slab if it divides the block size
     * @param medium how blocks are served that are larger than the largest class and no larger than it says; none if all of them
     *     take whole pages
     * @param kept which freed large blocks are kept for the next ones of their length
     */
    protected ExtentPolicy(
            PolicySpace space,
            ExtentTableLayout layout,
            SizeClasses classes,
            SlabPlan plan,
            long slabAlignmentMax,
            Optional<MediumPlan> medium,
            KeptPlan kept) {
        region = space.region();
        blank = space.blank();
        this.layout = layout;
        this.classes = classes;
        this.plan = plan;
        this.slabAlignmentMax = slabAlignmentMax;
        usableLayout = layout.upTo(space.usableEndOffset());
        nodes = region.nodes();
        free = FreeExtents.of(usableLayout, layout, PageParts.of(nodes, layout), space.blank(), kept);
        map = new ExtentMap<>(layout.pageCount());
        others = new OtherBlocks(region, layout, free, map, medium);
        slabs = new SlabMaker<>(region, layout, plan, free, map, classes.count());
        figures = new ExtentFigures<>(free, map, others);
    }

    /** Claims a block of a class from a slab there is or a new one; {@link Handles#NONE} if there is no room for either. */
    protected abstract long claim(int classIndex);

    /** As {@link #claim(int)}, knowing which alignment is asked for; every block of the class has it. */
    protected long claim(int classIndex, long alignmentBytes) {
        return claim(classIndex);
    }

    /** As {@link #claim(int, long)}, for a policy that keeps NUMA nodes apart: of this node as long as it has room. */
    protected long claim(int classIndex, long alignmentBytes, int node) {
        return claim(classIndex, alignmentBytes);
    }

    /** Claims a block of a class from any slab there is; {@link Handles#NONE} if all are full. */
    protected abstract long claimExisting(int classIndex);

    /** As {@link #claimExisting(int)}, for a policy that keeps NUMA nodes apart: first of this node. */
    protected long claimExisting(int classIndex, int node) {
        return claimExisting(classIndex);
    }

    /** The node of the calling thread, as its place among those of the region; one of them if it runs on another. */
    protected final int nodeOfThread() {
        if (nodes.count() == 1) {
            return 0;
        }
        int index = nodes.nodes().indexOf(region.nodeOfThread());
        return index >= 0 ? index : (int) Math.floorMod(Thread.currentThread().threadId(), (long) nodes.count());
    }

    /** The node that an extent's memory is of, as its place among those of the region. */
    protected final int nodeOf(SlabExtent extent) {
        return free.nodeOf(extent.firstPage());
    }

    /** Gives a claimed block back to its slab. */
    protected abstract void unclaim(S slab, int index);

    /** The blocks that are runs of units, if the policy has such. */
    protected final Optional<MediumBlocks> medium() {
        return Optional.ofNullable(others.medium());
    }

    /**
     * Gives pages that large blocks have left back where none was kept or taken since the last call: one extent at the first such call,
     * then 2, 4, 8 and so on up to a number.
     */
    protected final void giveIdlePagesBack(int mostExtents) {
        free.giveIdleBack(mostExtents);
    }

    /** A thread is short of room from now on: what the policy keeps out of the free space for a while is back at return. */
    protected void beginShortage() {}

    /** The thread has got room, or has found out that there is none. */
    protected void endShortage() {}

    /** Drops the empty slabs that were kept; returns whether there may be more room now. */
    protected abstract boolean dropEmptySlabs();

    /** Describes a slab on pages that this call does not touch. */
    protected abstract S newSlab(SlabExtent.Place place, int blockCount);

    /**
     * Prepares a new slab that nobody else knows: its state bits are 0, durably, at return. A policy that may drop empty slabs
     * at any time also takes a first block's place here, so that the slab is not empty when others first see it.
     */
    protected abstract void prepare(S slab);

    /** Takes a slab found on media into the lists; its claimed bits and count are filled. */
    protected abstract void adopt(S slab);

    /**
     * Fills the claimed bits of a slab found on media. It may report state bits that belong to no block of it, if it sees them
     * in passing.
     */
    protected abstract void load(S slab, Consumer<Finding> findings);

    /**
     * Reads the state bits of a slab, while others may change them.
     *
     * @param into as many words as the slab has; receives the bits from that of block 0 on, in bit 0 of the first word. Bits after
     *     those of the last block do not matter
     */
    protected abstract void readStates(S slab, long[] into);

    /** Reports the state bits that belong to no block and that {@link #load} did not look for. */
    protected abstract void checkLoaded(Consumer<Finding> findings);

    /** Reports state bits on media that belong to no block; other threads do not use the policy meanwhile. */
    protected abstract void checkUnusedStateBits(Consumer<Finding> findings);

    /** The region. */
    protected final Region region() {
        return region;
    }

    /** Where things are. */
    protected final ExtentTableLayout layout() {
        return layout;
    }

    /** Where things are, as far as there is storage for pages now. */
    protected final ExtentTableLayout usableLayout() {
        return usableLayout;
    }

    @Override
    public final void grow(long usableEndOffset) {
        ExtentTableLayout grown = layout.upTo(usableEndOffset);
        // First, so that no figure counts more free pages than there are.
        usableLayout = grown;
        region.step("extent.grown");
        free.grow(grown.pageCount(), region.isTransient());
    }

    @Override
    public final long usedEndOffset() {
        beginShortage();
        try {
            dropEmptySlabs();
            others.dropEmpty();
            return layout.pageOffset(Math.max(1, free.usedEnd()));
        } finally {
            endShortage();
        }
    }

    @Override
    public final boolean shrink(long usableEndOffset) {
        ExtentTableLayout shrunk = layout.upTo(usableEndOffset);
        beginShortage();
        try {
            if (!free.shrink(shrunk.pageCount())) {
                return false;
            }
        } finally {
            endShortage();
        }
        region.step("extent.shrunk");
        // Last, for the same reason as in grow.
        usableLayout = shrunk;
        return true;
    }

    @Override
    public final long trim(long leastBytes, FreeRun receiver) {
        dropEmptySlabs();
        return new ExtentTrim(region, layout, free).run(leastBytes, receiver);
    }

    /** Is told of bytes of the region. */
    @FunctionalInterface
    public interface RangeVisitor {
        /** Visits the bytes from an offset up to another. */
        void visit(long offset, long endOffset);
    }

    /**
     * Visits the free space there is now, lowest offset first, but for large stretches that this process never used. What is
     * visited may be in use already; {@link #releaseIfFree} finds that out.
     */
    protected final void forEachFreeRange(RangeVisitor visitor) {
        new ExtentTrim(region, usableLayout, free).forEachFreeRange(visitor);
    }

    /**
     * Passes a range on as {@link #trim} does, if all of it is free. It counts as free meanwhile.
     *
     * @param offset start of a page
     * @param endOffset end of that page or of a later one
     * @return whether it was free and was passed on
     */
    protected final boolean releaseIfFree(long offset, long endOffset, FreeRun receiver) {
        return new ExtentTrim(region, layout, free).releaseIfFree(offset, endOffset, receiver);
    }

    /** As {@link Region#usedRanges}, for a single look while nobody changes the space. */
    protected final long[] usedRanges(long offset, long endOffset) {
        return blank ? new long[0] : region.usedRanges(offset, endOffset);
    }

    /** Number of blocks that the slabs of a class have, claimed or not. */
    protected final long blocksOfClass(int classIndex) {
        return slabs.blocksOfClass(classIndex);
    }

    /** Number of pages in extents. */
    protected final int usedPages() {
        return usableLayout.pageCount() - free.freePages();
    }

    /** The run of pages that a large block gets, {@link Handles#NONE} if there is no such run; as {@link #reserve}. */
    protected final long reserveLarge(long bytes, long alignmentBytes) {
        return others.large().reserve(bytes, alignmentBytes, nodeOfThread());
    }

    /** Share of the pages that is free, from 0 to 1. */
    protected final double freeShare() {
        return (double) free.freePages() / usableLayout.pageCount();
    }

    /** Visits the slabs there are. */
    protected final void forEachSlab(Consumer<? super S> visitor) {
        map.forEachSlab(visitor);
    }

    /**
     * Reads the media; called once, before the policy is shared.
     *
     * @throws PoolCorruptedException if the media holds what the policy never writes
     */
    protected final void rebuild() {
        ExtentTableLayout usable = usableLayout;
        ExtentRebuild reader = new ExtentRebuild(region, usable, free);
        reader.scan(
                usedRanges(usable.tableOffset(), usable.tableEndOffset()),
                new ExtentLoad<>(this, region, layout, classes, plan, slabs, others, reader));
        checkLoaded(finding -> {
            throw reader.refused(finding);
        });
        blank = false;
    }

    /**
     * Makes a slab: takes pages, {@linkplain #prepare prepares} it, writes the table word and makes that durable. At return the
     * slab is found by handles and walks, and is in no list yet.
     *
     * @return the slab, or nothing if no run of pages is long enough for one block, or the system has no storage for it
     */
    protected final Optional<S> createSlab(PersistPoint point, int classIndex) {
        return createSlab(point, classIndex, nodeOfThread());
    }

    /** As {@link #createSlab(PersistPoint, int)}, of pages that are chosen so. */
    protected final Optional<S> createSlab(PersistPoint point, int classIndex, PageChoice choice) {
        return slabs.create(this, point, classIndex, choice, nodeOfThread());
    }

    /** Takes a run of pages for a slab. */
    @FunctionalInterface
    protected interface PageChoice {
        /** Takes so many pages, of a NUMA node if it can: the first page, or -1 if no run is long enough. */
        int take(FreeExtents pages, int count, int node);
    }

    /** As {@link #createSlab(PersistPoint, int)}, on a NUMA node; on another if no run of that one is long enough. */
    protected final Optional<S> createSlab(PersistPoint point, int classIndex, int node) {
        return slabs.create(this, point, classIndex, this::takePages, node);
    }

    /**
     * Takes a run of pages of a node for a slab: the first page, or -1 if no run is long enough. The lowest run, unless overridden.
     */
    protected int takePages(FreeExtents pages, int count, int node) {
        return pages.takeOnNode(node, count, 1);
    }

    /**
     * Makes a slab in DRAM only: a crash frees its pages. None of its blocks may be published before {@link #keepSlab}.
     *
     * @param blocksBefore how many blocks slabs of the same use have, which tells how long it should be
     * @return the slab, as {@link #createSlab}
     */
    protected final Optional<S> borrowSlab(int classIndex, long blocksBefore) {
        return slabs.borrow(this, classIndex, blocksBefore, nodeOfThread());
    }

    /** Writes a borrowed slab to media: {@linkplain #prepare prepares} it and makes its table word durable. */
    protected final void keepSlab(PersistPoint point, S slab) {
        slabs.keep(this, point, slab);
    }

    /** Gives the pages of a borrowed slab back; no block of it is claimed, and media needs nothing. */
    protected final void returnSlab(S slab) {
        slabs.giveBack(slab);
    }

    /** Drops slabs without claimed blocks, from which nobody can claim any more, under one fence. */
    protected final void dropSlabs(PersistPoint point, Collection<S> dropped) {
        slabs.drop(point, dropped);
    }

    /** As {@link #dropSlabs} for one. */
    protected final void dropSlab(PersistPoint point, S slab) {
        slabs.drop(point, List.of(slab));
    }

    @Override
    public final long reserve(long bytes, long alignmentBytes) {
        int classIndex = classFor(bytes, alignmentBytes);
        long handle = classIndex < 0 ? Handles.NONE : claim(classIndex, alignmentBytes);
        return handle != Handles.NONE ? handle : reserveElsewhere(classIndex, bytes, alignmentBytes, nodeOfThread());
    }

    /** The class whose blocks serve a request, or -1 if it takes whole pages. */
    public final int classFor(long bytes, long alignmentBytes) {
        return alignmentBytes <= slabAlignmentMax ? classes.classOf(bytes, alignmentBytes) : -1;
    }

    /** As {@link #classFor(long, long)} for any alignment. */
    public final int classFor(long bytes) {
        return classes.classOf(bytes);
    }

    /** Serves a request for whole pages, or one for a class whose slabs gave no block; of this node as long as it has room. */
    public final long reserveElsewhere(int classIndex, long bytes, long alignmentBytes, int node) {
        long handle = classIndex < 0 ? others.reserve(bytes, alignmentBytes, node) : Handles.NONE;
        return handle != Handles.NONE ? handle : reserveInShortage(classIndex, bytes, alignmentBytes, node);
    }

    /** As {@link #reserveElsewhere(int, long, long, int)}, of the node of the calling thread. */
    public final long reserveElsewhere(int classIndex, long bytes, long alignmentBytes) {
        return reserveElsewhere(classIndex, bytes, alignmentBytes, nodeOfThread());
    }

    /**
     * As {@link pmem.spi.PolicyAccess#allocateAtOnce}, for blocks above the largest class with alignment 1, if pages are kept for one of
     * that length; of this node.
     */
    public final long allocateLargeAtOnce(long bytes, int node) {
        return others.allocateAtOnce(bytes, node);
    }

    /** As {@link pmem.spi.PolicyAccess#freeAtOnce(long)}, for large blocks; by any number of threads. */
    public final boolean freeLargeAtOnce(long handle) {
        return others.large().freeAtOnce(handle);
    }

    /** The slab that a handle lies in, or the given one if it lies in none. */
    public final S slabOf(long handle, S none) {
        int page = layout.pageOf(handle);
        S slab = page < 0 ? null : map.slabAt(page);
        return slab == null ? none : slab;
    }

    private long reserveInShortage(int classIndex, long bytes, long alignmentBytes, int node) {
        region.step("extent.shortage");
        beginShortage();
        try {
            return reserveWhateverIsLeft(classIndex, bytes, alignmentBytes, node);
        } finally {
            endShortage();
        }
    }

    private long reserveWhateverIsLeft(int classIndex, long bytes, long alignmentBytes, int node) {
        boolean droppedSlabs = dropEmptySlabs();
        if (others.dropEmpty() || droppedSlabs) {
            long handle = classIndex < 0
                    ? others.reserve(bytes, alignmentBytes, node)
                    : claim(classIndex, alignmentBytes, node);
            if (handle != Handles.NONE) {
                return handle;
            }
        }
        for (int larger = nextClass(classIndex, alignmentBytes);
                larger > 0;
                larger = nextClass(larger, alignmentBytes)) {
            long handle = claimExisting(larger, node);
            if (handle != Handles.NONE) {
                return handle;
            }
        }
        return others.reserveInShortage(bytes, alignmentBytes, node);
    }

    private int nextClass(int classIndex, long alignmentBytes) {
        return classIndex < 0 ? -1 : classes.alignedFrom(classIndex + 1, alignmentBytes);
    }

    @Override
    public final void release(long handle, long allocatedValue) {
        int page = layout.pageOf(handle);
        region.step("extent.release");
        S slab = page < 0 ? null : map.slabAt(page);
        int index = slab == null ? -1 : slab.indexOf(handle);
        if (slab != null && index >= 0) {
            unclaim(slab, index);
        } else if (!others.release(page, handle, allocatedValue)) {
            throw SlabExtent.notClaimed(handle);
        }
    }

    @Override
    public final long stateField(long handle) {
        int page = layout.pageOf(handle);
        if (page < 0) {
            return StateField.NONE;
        }
        S slab = map.slabAt(page);
        if (slab == null) {
            return others.stateField(page, handle);
        }
        int index = slab.indexOf(handle);
        return index < 0 || slab.isBorrowed() ? StateField.NONE : slab.stateField(index);
    }

    @Override
    public final long allocatedValue(long handle, long bytes, long alignmentBytes) {
        int page = layout.pageOf(handle);
        if (page >= 0 && map.slabAt(page) != null) {
            return BLOCK_ALLOCATED;
        }
        long value = others.allocatedValue(page, handle, bytes);
        return value == 0 ? BLOCK_ALLOCATED : value;
    }

    @Override
    public final long usableBytes(long handle, long allocatedValue) {
        if (OtherBlocks.isLarge(allocatedValue)) {
            return (long) ExtentWord.pages(allocatedValue) << layout.pageShift();
        }
        int page = layout.pageOf(handle);
        S slab = page < 0 ? null : map.slabAt(page);
        long bytes = slab != null ? slab.blockBytes() : others.mediumBytes(page, allocatedValue);
        if (bytes == 0) {
            throw SlabExtent.notClaimed(handle);
        }
        return bytes;
    }

    @Override
    public final long[] writtenRanges(long handle, long usableBytes) {
        int page = layout.pageOf(handle);
        return map.largePagesAt(page) > 0
                ? others.large().writtenRanges(page, usableBytes)
                : super.writtenRanges(handle, usableBytes);
    }

    @Override
    public final long resizedValue(long handle, long allocatedValue, long bytes) {
        int page = layout.pageOf(handle);
        return map.slabAt(page) == null
                ? others.resizedValue(page, handle, allocatedValue, bytes)
                : super.resizedValue(handle, allocatedValue, bytes);
    }

    @Override
    public final boolean reserveTail(long handle, long allocatedValue, long largerValue) {
        return others.reserveTail(layout.pageOf(handle), handle, allocatedValue, largerValue);
    }

    @Override
    public final void releaseTail(long handle, long largerValue, long smallerValue) {
        others.releaseTail(layout.pageOf(handle), handle, largerValue, smallerValue);
    }

    /** The slab that a handle may be of, if any. */
    protected final Optional<S> slabOf(long handle) {
        int page = layout.pageOf(handle);
        return page < 0 ? Optional.empty() : Optional.ofNullable(map.slabAt(page));
    }

    @Override
    public final void forEachWordOf(long handle, LongConsumer wordOffsets) {
        super.forEachWordOf(handle, wordOffsets);
        int page = layout.pageOf(handle);
        S slab = page < 0 ? null : map.slabAt(page);
        int first = slab != null ? slab.firstPage() : others.pageOfWord(page);
        if (first >= 0) {
            wordOffsets.accept(layout.wordOffset(first));
        }
    }

    @Override
    public final void forEachAllocated(BlockVisitor visitor) {
        new ExtentWalk<>(this, map, others).run(usableLayout.pageCount(), visitor);
    }

    @Override
    public final long usedBytes() {
        return figures.usedBytes(usableLayout);
    }

    @Override
    public final long metadataBytes() {
        return usableLayout.metadataBytes();
    }

    @Override
    public final long liveBlocks() {
        return figures.liveBlocks();
    }

    @Override
    public final long liveBytes() {
        return figures.liveBytes();
    }

    @Override
    public final long largestFreeBytes() {
        return figures.largestFreeBytes(layout.pageShift());
    }

    @Override
    public void verify(Consumer<Finding> findings) {
        new ExtentVerifier<>(region, usableLayout, free, map, others, findings).verify();
        checkUnusedStateBits(findings);
    }
}
