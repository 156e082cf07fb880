package pmem.spi.extent;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import pmem.api.BlockVisitor;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.TagFloat;

/**
 * Blocks that are runs of units in segments, each segment an extent of its own. The state field of such a block is the tag of its
 * first unit, so reserving one changes DRAM only, unless a segment has to be made. Thread-safe.
 *
 * <p>Threads are divided among the heaps of a NUMA node by their ids. A heap without room looks into the others of its node before it
 * makes a segment, but waits for none; other nodes come last; a block goes back to the heap it is of. Locks of two heaps are never waited for together.
 * A thread with an access has a {@link MediumCache} before all of that.
 */
public final class MediumBlocks {
    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;
    private final MediumPlan plan;
    private final MediumLayout medium;
    private final ExtentMap<MediumSegment> map;
    private final MediumHeaps heaps;
    private final MediumMaker maker;
    private final MediumCaches caches = new MediumCaches();
    private final int mostUnits;
    private int entered;

    MediumBlocks(Region region, ExtentTableLayout layout, FreeExtents free, MediumPlan plan) {
        this.region = region;
        this.layout = layout;
        this.free = free;
        this.plan = plan;
        medium = plan.layout(layout);
        map = new ExtentMap<>(layout.pageCount());
        maker = new MediumMaker(region, layout, free, plan, medium, map, caches);
        mostUnits = medium.unitCount(medium.mostPages(plan));
        heaps = new MediumHeaps(
                free.nodeCount(), plan.heaps(), node -> new MediumHeap(region, node, mostUnits, plan.emptyKept()));
    }

    /**
     * Opens a cache for one thread, which closes it.
     *
     * @param node the NUMA node of its blocks, as its place among those of the region
     */
    public MediumCache openCache(int node) {
        MediumCache cache = new MediumCache(region, this, caches, medium, plan.mostBytes(), node);
        caches.add(cache);
        return cache;
    }

    /** Gives back what idle caches hold, in growing steps. */
    public void lookAtCaches() {
        caches.look();
        trim();
    }

    /** A thread is short of room from now on: after the next {@link #giveCachedBack} caches stay empty. */
    public void beginShortage() {
        caches.beginShortage();
    }

    /** Ends a {@link #beginShortage}. */
    public void endShortage() {
        if (caches.endShortage()) {
            trim();
        }
    }

    /** Gives back what all caches hold: at return it is free to all who look. */
    public void giveCachedBack() {
        if (caches.giveBack()) {
            trim();
        }
    }

    /**
     * Claims a block if it is of a size for this, if need be from a new segment; {@link Handles#NONE} if not.
     *
     * @param node the NUMA node, as its place among those of the region, as long as that has room
     */
    long reserve(long bytes, long alignmentBytes, int node) {
        if (bytes > plan.mostBytes() || alignmentBytes > layout.pageBytes()) {
            return Handles.NONE;
        }
        int tag = TagFloat.tagFor(medium.unitsFor(bytes));
        long handle = Handles.NONE;
        for (int i = 0; i < heaps.nodeCount() && handle == Handles.NONE; i++) {
            handle = reserveOnNode((node + i) % heaps.nodeCount(), tag, alignUnits(alignmentBytes));
        }
        return handle;
    }

    private long reserveOnNode(int node, int tag, int alignUnits) {
        MediumHeap own = heaps.of(node, thread());
        own.lock();
        try {
            long handle = own.claim(tag, alignUnits);
            handle = handle != Handles.NONE ? handle : claimElsewhere(own, node, tag, alignUnits);
            return handle == Handles.NONE && maker.make(own, node, tag, alignUnits)
                    ? own.claim(tag, alignUnits)
                    : handle;
        } finally {
            own.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private long claimElsewhere(MediumHeap own, int node, int tag, int alignUnits) {
        long handle = Handles.NONE;
        for (int i = 0; i < heaps.ofNode() && handle == Handles.NONE; i++) {
            MediumHeap other = heaps.of(node, i);
            if (other != own && other.tryLock()) {
                try {
                    handle = other.claim(tag, alignUnits);
                } finally {
                    other.unlock();
                }
            }
        }
        return handle;
    }

    /** Claims a block of any size from the segments there are, of a NUMA node first. */
    long reserveExisting(long bytes, long alignmentBytes, int node) {
        long units = medium.unitsFor(bytes);
        if (units > mostUnits || alignmentBytes > layout.pageBytes()) {
            return Handles.NONE;
        }
        int tag = TagFloat.tagFor(units);
        long handle = Handles.NONE;
        for (int i = 0; i < heaps.nodeCount() && handle == Handles.NONE; i++) {
            handle = claimExistingOnNode((node + i) % heaps.nodeCount(), tag, alignUnits(alignmentBytes));
        }
        return handle;
    }

    private long claimExistingOnNode(int node, int tag, int alignUnits) {
        long handle = Handles.NONE;
        for (int i = 0; i < heaps.ofNode() && handle == Handles.NONE; i++) {
            MediumHeap heap = heaps.of(node, thread() + i);
            heap.lock();
            try {
                handle = heap.claim(tag, alignUnits);
            } finally {
                heap.unlock();
            }
        }
        return handle;
    }

    private static int thread() {
        return (int) Thread.currentThread().threadId();
    }

    private int alignUnits(long alignmentBytes) {
        return (int) Math.max(1, alignmentBytes >>> medium.unitShift());
    }

    /**
     * Gives a block back.
     *
     * @return whether it lies in a segment
     * @throws IllegalStateException if it is not claimed
     */
    boolean release(int page, long handle, long tag) {
        MediumSegment segment = map.slabAt(page);
        if (segment == null) {
            return false;
        }
        if (unclaim(segment, handle, (int) tag, false)) {
            maker.dropSurplus(segment.heap());
        }
        return true;
    }

    /** Takes a block back that a cache had, whose lock the caller has; says whether its heap has too many empty segments. */
    boolean giveBack(long handle, int tag) {
        MediumSegment segment = segmentOf(handle);
        if (segment == null) {
            throw SlabExtent.notClaimed(handle);
        }
        return unclaim(segment, handle, tag, true);
    }

    private static boolean unclaim(MediumSegment segment, long handle, int tag, boolean fromCache) {
        MediumHeap heap = segment.heap();
        int unit = segment.unitOf(handle);
        heap.lock();
        try {
            if (fromCache) {
                segment.setWaiting(unit, false);
            }
            if (unit < 0 || !heap.unclaim(segment, unit, tag)) {
                throw SlabExtent.notClaimed(handle);
            }
            return heap.hasSurplus();
        } finally {
            heap.unlock();
        }
    }

    /** The tag of a block that holds another number of bytes; {@link TagFloat#NONE} if its segment ends before. */
    long resizedTag(MediumSegment segment, long handle, long bytes) {
        long units = medium.unitsFor(bytes);
        int tag = units > mostUnits ? TagFloat.NONE : TagFloat.tagFor(units);
        return TagFloat.lengthUnits(tag) > segment.unitCount() - segment.unitOf(handle) ? TagFloat.NONE : tag;
    }

    /** Claims the units behind a block that a longer one has; says whether all were free. */
    boolean reserveTail(MediumSegment segment, long handle, long tag, long longerTag) {
        int units = MediumLayout.unitsOf(tag);
        int tailUnits = MediumLayout.unitsOf(longerTag) - units;
        int unit = segment.unitOf(handle) + units;
        if (claimAt(segment, unit, tailUnits)) {
            return true;
        }
        if (!endsAtCached(segment, unit)) {
            return false;
        }
        giveCachedBack();
        return claimAt(segment, unit, tailUnits);
    }

    private static boolean claimAt(MediumSegment segment, int unit, int length) {
        segment.heap().lock();
        try {
            return segment.heap().claimAt(segment, unit, length);
        } finally {
            segment.heap().unlock();
        }
    }

    /** Whether what follows the free units from a unit on is in a cache, and so is free too. */
    private static boolean endsAtCached(MediumSegment segment, int unit) {
        segment.heap().lock();
        try {
            return segment.isWaiting(segment.endOfFree(unit));
        } finally {
            segment.heap().unlock();
        }
    }

    /** Gives the last units of a block back. */
    void releaseTail(MediumSegment segment, long handle, long longerTag, long shorterTag) {
        int units = MediumLayout.unitsOf(shorterTag);
        int tailUnits = MediumLayout.unitsOf(longerTag) - units;
        segment.heap().lock();
        try {
            if (!segment.heap().unclaimTail(segment, segment.unitOf(handle) + units, tailUnits)) {
                throw SlabExtent.notClaimed(handle);
            }
        } finally {
            segment.heap().unlock();
        }
    }

    /** Drops all empty segments; returns whether there were any. */
    boolean dropEmpty() {
        return maker.dropEmpty(heaps);
    }

    /** Drops the empty segments beyond those that are kept. */
    public void trim() {
        heaps.forEach(maker::dropSurplus);
    }

    /** Takes over a segment that media has; its pages are marked used. Before the policy is shared. */
    void enter(int page, int pages, Consumer<Finding> findings) {
        MediumSegment segment =
                new MediumSegment(heaps.of(free.nodeOf(page), entered++), medium, plan.granuleShift(), page, pages);
        MediumTags tags = new MediumTags(medium, page, pages);
        long[] words = new long[tags.count() / Long.BYTES];
        region.loadOnce(tags.tagsOffset(), words);
        int[] blocks = {0};
        tags.scan(
                words,
                (unit, units) -> {
                    segment.setClaimed(unit, units, true);
                    blocks[0]++;
                },
                findings);
        map.putSlab(segment);
        segment.heap().add(segment, blocks[0]);
    }

    /** Whether there can be a segment of so many pages. */
    boolean isPossible(int pages) {
        return medium.isPossible(pages, plan);
    }

    /** The segment that a handle lies in, if any. */
    @Nullable
    MediumSegment segmentOf(long handle) {
        int page = layout.pageOf(handle);
        return page < 0 ? null : map.slabAt(page);
    }

    /** The segment that a page is in, if any. */
    @Nullable
    MediumSegment segmentAt(int page) {
        return map.slabAt(page);
    }

    boolean isBlankAt(int page) {
        return map.isBlankAt(page);
    }

    /** The tag of a block that was reserved with a size. */
    long allocatedValue(long bytes) {
        return TagFloat.tagFor(medium.unitsFor(bytes));
    }

    /** Usable bytes of a block, by its tag. */
    long usableBytes(long tag) {
        return medium.bytesOf(tag);
    }

    /** Visits the blocks of a segment as media has them, others changing them or not. */
    void visit(MediumSegment segment, BlockVisitor visitor) {
        long[] words = tagWords(segment);
        if (!segment.is(map.slabAt(segment.firstPage()))) {
            // Dropped meanwhile: what was just read may be the content of other blocks.
            return;
        }
        for (int unit = segment.firstUnit(); unit < segment.unitCount(); unit++) {
            int tag = MediumLayout.tagAt(words, unit);
            if (tag != TagFloat.NONE) {
                visitor.visit(segment.handleOf(unit), medium.bytesOf(tag));
            }
        }
    }

    /** The tags of a segment, others changing them or not. */
    long[] tagWords(MediumSegment segment) {
        long[] words = new long[medium.tagBytes(segment.pageCount()) / Long.BYTES];
        for (int i = 0; i < words.length; i++) {
            words[i] = region.loadAcquire(segment.tagsOffset() + (long) i * Long.BYTES);
        }
        return words;
    }

    /** Number of claimed blocks that are in no cache. */
    long liveBlocks() {
        // Else a block that the maintainer is giving back would be counted twice or not at all. Drops no segment:
        // figures change nothing.
        caches.giveBack();
        long sum = -caches.runs();
        for (MediumHeap heap : heaps) {
            sum += heap.blocks();
        }
        return Math.max(0, sum);
    }

    /** Usable bytes of those. */
    long liveBytes() {
        caches.giveBack();
        return Math.max(0, claimedUnits() - caches.units()) << medium.unitShift();
    }

    /** Number of claimed units, those in caches among them. */
    long claimedUnits() {
        long sum = 0;
        for (MediumHeap heap : heaps) {
            sum += heap.units();
        }
        return sum;
    }

    /** Largest block that the segments have room for. */
    long largestFreeBytes() {
        int tag = TagFloat.NONE;
        for (MediumHeap heap : heaps) {
            tag = Math.max(tag, heap.largestTag());
        }
        return medium.bytesOf(tag);
    }

    /** Marks the pages of empty segments as free ones: a shortage makes them and all caches give way. */
    void clearEmpty(PageBits usedPages) {
        // Drops none, since those are used pages here.
        caches.giveBack();
        settle();
        map.forEachSlab(segment -> {
            if (segment.isEmpty()) {
                usedPages.setRange(segment.firstPage(), segment.pageCount(), false);
            }
        });
    }

    /** Has what was freed last merged with what is free beside it. */
    void settle() {
        heaps.forEach(MediumHeap::settle);
    }

    /** A verifier of what is here, while nobody changes anything. */
    MediumVerifier verifier(Consumer<Finding> findings) {
        return new MediumVerifier(this, region, medium, findings);
    }

    /** Visits the segments there are. */
    void forEachSegment(Consumer<MediumSegment> visitor) {
        map.forEachSlab(visitor);
    }

    MediumHeaps heaps() {
        return heaps;
    }

    MediumCaches caches() {
        return caches;
    }
}
