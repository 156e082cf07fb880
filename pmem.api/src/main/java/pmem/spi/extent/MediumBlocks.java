package pmem.spi.extent;

import java.util.ArrayList;
import java.util.List;
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
 */
final class MediumBlocks {
    /** A segment takes no more than one part in so many of the free pages unless its block needs more. */
    private static final int SEGMENTS_IN_FREE_SPACE = 4;

    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;
    private final MediumPlan plan;
    private final MediumLayout medium;
    private final ExtentMap<MediumSegment> map;
    private final MediumHeaps heaps;
    private final int ordinaryPages;
    private final int mostUnits;
    private int entered;

    MediumBlocks(Region region, ExtentTableLayout layout, FreeExtents free, MediumPlan plan) {
        this.region = region;
        this.layout = layout;
        this.free = free;
        this.plan = plan;
        medium = plan.layout(layout);
        map = new ExtentMap<>(layout.pageCount());
        ordinaryPages = medium.ordinaryPages(plan);
        mostUnits = medium.unitCount(medium.mostPages(plan));
        heaps = new MediumHeaps(
                free.nodeCount(), plan.heaps(), () -> new MediumHeap(region, mostUnits, plan.emptyKept()));
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
            return handle == Handles.NONE && makeSegment(own, node, tag, alignUnits)
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
     * Makes a segment that holds a block: takes pages of a node, clears the tags, writes the table word, each durable before the next. The
     * caller has the heap's lock.
     */
    private boolean makeSegment(MediumHeap heap, int node, int tag, int alignUnits) {
        int units = (int) TagFloat.lengthUnits(tag);
        int least = medium.pagesFor(units + alignUnits - 1);
        int pages = wantedPages(units, least);
        int page = heap.hasSlot() ? free.takeOnNode(node, pages, 1) : -1;
        while (page < 0 && pages > least && heap.hasSlot()) {
            pages = Math.max(least, pages / 2);
            page = free.takeOnNode(node, pages, 1);
        }
        if (page < 0) {
            return false;
        }
        region.step("extent.pages-taken");
        if (!layout.ensureBacked(region, page, pages, false)) {
            free.give(page, pages);
            return false;
        }
        MediumSegment segment = new MediumSegment(heap, medium, page, pages);
        writeToMedia(segment);
        map.putSlab(segment);
        heap.add(segment, 0);
        return true;
    }

    // All lengths leave about the same part over for blocks of the size asked for, so how many blocks a space holds
    // hardly depends
    // on which segments were made before.
    private int wantedPages(int units, int least) {
        int share = free.freePages() / SEGMENTS_IN_FREE_SPACE;
        int pages = Math.max(least, Math.min(ordinaryPages, share));
        int pagesOfBlock = layout.pagesFor((long) units << medium.unitShift());
        return medium.pagesOfLeastWaste(units, pages, pages + pagesOfBlock);
    }

    private void writeToMedia(MediumSegment segment) {
        long bytes = medium.tagBytes(segment.pageCount());
        for (long at = 0; at < bytes; at += Long.BYTES) {
            region.storePlain(segment.tagsOffset() + at, 0);
        }
        region.writeBack(plan.cleared(), segment.tagsOffset(), bytes);
        region.fence(plan.cleared());
        long wordOffset = layout.wordOffset(segment.firstPage());
        region.storeRelease(wordOffset, ExtentWord.medium(segment.firstPage(), segment.pageCount()));
        region.writeBackAndFence(plan.created(), wordOffset);
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
        MediumHeap heap = segment.heap();
        boolean hasSurplus;
        heap.lock();
        try {
            int unit = segment.unitOf(handle);
            if (unit < 0 || !heap.unclaim(segment, unit, (int) TagFloat.lengthUnits((int) tag))) {
                throw SlabExtent.notClaimed(handle);
            }
            hasSurplus = heap.hasSurplus();
        } finally {
            heap.unlock();
        }
        if (hasSurplus) {
            dropSurplus(heap);
        }
        return true;
    }

    /** The tag of a block that holds another number of bytes; {@link TagFloat#NONE} if its segment ends before. */
    long resizedTag(MediumSegment segment, long handle, long bytes) {
        long units = medium.unitsFor(bytes);
        int tag = units > mostUnits ? TagFloat.NONE : TagFloat.tagFor(units);
        return TagFloat.lengthUnits(tag) > segment.unitCount() - segment.unitOf(handle) ? TagFloat.NONE : tag;
    }

    /** Claims the units behind a block that a longer one has; says whether all were free. */
    boolean reserveTail(MediumSegment segment, long handle, long tag, long longerTag) {
        int units = (int) TagFloat.lengthUnits((int) tag);
        int tailUnits = (int) TagFloat.lengthUnits((int) longerTag) - units;
        segment.heap().lock();
        try {
            return segment.heap().claimAt(segment, segment.unitOf(handle) + units, tailUnits);
        } finally {
            segment.heap().unlock();
        }
    }

    /** Gives the last units of a block back. */
    void releaseTail(MediumSegment segment, long handle, long longerTag, long shorterTag) {
        int units = (int) TagFloat.lengthUnits((int) shorterTag);
        int tailUnits = (int) TagFloat.lengthUnits((int) longerTag) - units;
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
        List<MediumSegment> empty = new ArrayList<>(0);
        for (MediumHeap heap : heaps) {
            heap.lock();
            try {
                heap.takeEmpty(empty);
            } finally {
                heap.unlock();
            }
        }
        drop(empty);
        return !empty.isEmpty();
    }

    /** Drops the empty segments beyond those that are kept. */
    void trim() {
        for (MediumHeap heap : heaps) {
            dropSurplus(heap);
        }
    }

    private void dropSurplus(MediumHeap heap) {
        List<MediumSegment> surplus = new ArrayList<>(0);
        heap.lock();
        try {
            heap.takeSurplus(surplus);
        } finally {
            heap.unlock();
        }
        drop(surplus);
    }

    // Their tags are 0 on media already, since a block is released only after its free is durable.
    private void drop(List<MediumSegment> segments) {
        if (segments.isEmpty()) {
            return;
        }
        for (MediumSegment segment : segments) {
            map.removeSlab(segment);
            long wordOffset = layout.wordOffset(segment.firstPage());
            region.storeRelease(wordOffset, 0);
            region.writeBack(plan.dropped(), wordOffset, Long.BYTES);
        }
        region.fence(plan.dropped());
        for (MediumSegment segment : segments) {
            region.step("extent.give-pages");
            free.give(segment.firstPage(), segment.pageCount());
        }
    }

    /** Takes over a segment that media has; its pages are marked used. Before the policy is shared. */
    void enter(int page, int pages, Consumer<Finding> findings) {
        MediumSegment segment = new MediumSegment(heaps.of(free.nodeOf(page), entered++), medium, page, pages);
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
        long[] words = wordsOf(segment);
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

    private long[] wordsOf(MediumSegment segment) {
        long[] words = new long[medium.tagBytes(segment.pageCount()) / Long.BYTES];
        for (int i = 0; i < words.length; i++) {
            words[i] = region.loadAcquire(segment.tagsOffset() + (long) i * Long.BYTES);
        }
        return words;
    }

    long liveBlocks() {
        long sum = 0;
        for (MediumHeap heap : heaps) {
            sum += heap.blocks();
        }
        return sum;
    }

    long liveBytes() {
        return liveUnits() << medium.unitShift();
    }

    private long liveUnits() {
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

    /** Marks the pages of empty segments as free ones: a shortage makes them give way. */
    void clearEmpty(PageBits usedPages) {
        map.forEachSlab(segment -> {
            if (segment.isEmpty()) {
                usedPages.setRange(segment.firstPage(), segment.pageCount(), false);
            }
        });
    }

    /** Compares the tags with what is claimed, while nobody changes either. */
    void verify(MediumSegment segment, Consumer<Finding> findings) {
        MediumTags tags = new MediumTags(medium, segment.firstPage(), segment.pageCount());
        tags.scan(
                wordsOf(segment),
                (unit, units) -> {
                    if (!segment.isClaimed(unit, units)) {
                        findings.accept(tags.finding(
                                unit, "allocated blocks to be claimed in memory", "units that are free in memory"));
                    }
                },
                findings);
    }

    /** Compares the counters and the lists of free runs with the units that are claimed, while nobody changes any. */
    void verifyCounters(Consumer<Finding> findings) {
        long[] units = {0, 0};
        map.forEachSlab(segment -> {
            units[0] += segment.claimedUnits();
            units[1] += segment.unitCount() - segment.firstUnit() - segment.claimedUnits();
        });
        expectEqual("claimed units", liveUnits(), units[0], findings);
        long listed = 0;
        for (MediumHeap heap : heaps) {
            listed += heap.listedUnits();
        }
        expectEqual("units in lists of free runs", listed, units[1], findings);
    }

    private static void expectEqual(String what, long counter, long counted, Consumer<Finding> findings) {
        if (counter != counted) {
            findings.accept(new Finding(
                    Finding.Severity.ERROR,
                    "extent.verify",
                    "volatile counter of " + what,
                    Finding.NO_OFFSET,
                    "counted=" + counted,
                    "counter=" + counter));
        }
    }
}
