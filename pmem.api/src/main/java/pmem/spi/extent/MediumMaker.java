package pmem.spi.extent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import pmem.spi.Region;
import pmem.spi.TagFloat;

/**
 * Makes segments of medium blocks and drops them: takes their pages and gives them back, writes their tags and table words and makes
 * those durable. Thread-safe.
 */
final class MediumMaker {
    /** A segment takes no more than one part in so many of the free pages unless its block needs more. */
    private static final int SEGMENTS_IN_FREE_SPACE = 4;
    /** A longer segment than in a small space takes no more than one part in so many of the heap's blocks. */
    private static final int GROWTH = 8;

    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;
    private final MediumPlan plan;
    private final MediumLayout medium;
    private final ExtentMap<MediumSegment> map;
    private final MediumCaches caches;
    /** Held while empty segments become free pages, so that who is short of room can wait for that. */
    private final ReentrantLock dropping = new ReentrantLock();

    MediumMaker(
            Region region,
            ExtentTableLayout layout,
            FreeExtents free,
            MediumPlan plan,
            MediumLayout medium,
            ExtentMap<MediumSegment> map,
            MediumCaches caches) {
        this.region = region;
        this.layout = layout;
        this.free = free;
        this.plan = plan;
        this.medium = medium;
        this.map = map;
        this.caches = caches;
    }

    /**
     * Makes a segment that holds a block: takes pages of a node, clears the tags, writes the table word, each durable before the next. The
     * caller has the heap's lock.
     */
    boolean make(MediumHeap heap, int node, int tag, int alignUnits) {
        int units = (int) TagFloat.lengthUnits(tag);
        int least = medium.pagesFor(units + alignUnits - 1);
        int pages = wantedPages(heap, units, least);
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
        MediumSegment segment = new MediumSegment(heap, medium, plan.granuleShift(), page, pages);
        writeToMedia(segment);
        map.putSlab(segment);
        heap.add(segment, 0);
        return true;
    }

    // All lengths leave about the same part over for blocks of the size asked for, so how many blocks a space holds
    // hardly depends on which segments were made before.
    private int wantedPages(MediumHeap heap, int units, int least) {
        int share = free.freePages() / SEGMENTS_IN_FREE_SPACE;
        int grown = layout.pagesFor(Math.max(1, heap.units() / GROWTH) << medium.unitShift());
        int most = medium.ordinaryPages(plan, free.pageCount());
        int pages = Math.max(least, Math.min(Math.min(most, share), Math.max(medium.ordinaryPages(plan), grown)));
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

    /** Drops all empty segments; returns whether there were any. */
    boolean dropEmpty(Iterable<MediumHeap> heaps) {
        List<MediumSegment> empty = new ArrayList<>(0);
        dropping.lock();
        try {
            for (MediumHeap heap : heaps) {
                heap.lock();
                try {
                    heap.takeEmpty(empty);
                } finally {
                    heap.unlock();
                }
            }
            drop(empty);
        } finally {
            dropping.unlock();
        }
        return !empty.isEmpty();
    }

    /** Drops the empty segments of a heap beyond those that are kept; none while somebody is short of room. */
    void dropSurplus(MediumHeap heap) {
        List<MediumSegment> surplus = new ArrayList<>(0);
        dropping.lock();
        try {
            // Who is short of room has said so before he waited for this lock, and looks into heaps and pages but once
            // after that.
            if (caches.isShortage()) {
                caches.leaveSurplus();
                return;
            }
            heap.lock();
            try {
                heap.takeSurplus(surplus);
            } finally {
                heap.unlock();
            }
            drop(surplus);
        } finally {
            dropping.unlock();
        }
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
}
