package pmem.spi.extent;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The free pages of a space, in DRAM: one bit a page that says used, runs taken by address-ordered first fit, and beside them the
 * extents that are kept for the next large blocks ({@code KeptExtents}). Thread-safe; one lock, since only slabs and large blocks
 * come here, and what is kept has locks of its own. {@code LargeExtents} is the way of large blocks.
 *
 * <p>What is kept is used by its bits and counts as free. Whoever finds no room otherwise has it given back first, in one go under the
 * lock: so nobody is refused pages that are on their way from one place to the other. A run of more pages than there are is refused before
 * that.
 */
public final class FreeExtents {
    private final ReentrantLock lock = new ReentrantLock();
    private final FreePages pages;
    private final WrittenPages written;
    private final KeptExtents kept;
    private final KeptShelf.Receiver back;
    private final LargeExtents large;

    /**
     * Starts with all pages free.
     *
     * @param pageCount number of pages
     * @param basePage the first page's offset in the region divided by the page size; alignment counts from there
     */
    public FreeExtents(int pageCount, long basePage) {
        this(
                new FreePages(pageCount, pageCount, PageParts.one(basePage)),
                new WrittenPages(pageCount, false),
                new KeptExtents(KeptPlan.NONE, PageParts.one(basePage), 0));
    }

    /** As the other constructor, of pages with what is known of them. */
    FreeExtents(FreePages pages, WrittenPages written, KeptExtents kept) {
        this.pages = pages;
        this.written = written;
        this.kept = kept;
        back = pages::give;
        large = new LargeExtents(this, lock, pages, written, kept);
    }

    /** The pages of a space with nothing in use. */
    static FreeExtents of(
            ExtentTableLayout usable, ExtentTableLayout layout, PageParts parts, boolean blank, KeptPlan plan) {
        return new FreeExtents(
                new FreePages(usable.pageCount(), layout.pageCount(), parts),
                new WrittenPages(layout.pageCount(), blank),
                new KeptExtents(plan, parts, layout.pageShift()));
    }

    /** What large blocks take and leave. */
    LargeExtents large() {
        return large;
    }

    /**
     * Takes in the pages up to a number, all free.
     *
     * @param blank whether they are 0
     */
    void grow(int newPageCount, boolean blank) {
        lock.lock();
        try {
            int before = pages.count();
            if (newPageCount > before) {
                written.add(before, blank ? 0 : newPageCount - before);
                pages.grow(newPageCount);
                kept.resume();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The page after the last that is used. */
    int usedEnd() {
        lock.lock();
        try {
            giveAllBack();
            return pages.usedEnd();
        } finally {
            lock.unlock();
        }
    }

    /** Gives up the pages from a number on, if all of them are free; says whether they were. */
    boolean shrink(int newPageCount) {
        lock.lock();
        try {
            kept.giveWithin(newPageCount, pages.count(), back);
            return pages.shrink(newPageCount);
        } finally {
            lock.unlock();
        }
    }

    /** Number of pages now, free or not. */
    int pageCount() {
        lock.lock();
        try {
            return pages.count();
        } finally {
            lock.unlock();
        }
    }

    /** Number of free pages now, those of kept extents among them. */
    public int freePages() {
        // An extent that goes from one to the other does so under the lock.
        lock.lock();
        try {
            return Math.min(pages.count(), pages.freeCount() + kept.pages());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the lowest run of free pages that is long and aligned enough.
     *
     * @param count at least 1
     * @param alignPages a power of two; the run's first page, counted from the start of the region, is a multiple of it
     * @return the first page, or -1 if there is no such run
     */
    public int take(int count, long alignPages) {
        return take(0, count, alignPages);
    }

    /** As {@link #take(int, long)}: of a node, or of the next one if that has no such run, and so on. */
    int take(int node, int count, long alignPages) {
        int start = -1;
        for (int i = 0; i < nodeCount() && start < 0; i++) {
            start = takeOnNode((node + i) % nodeCount(), count, alignPages);
        }
        return start;
    }

    /**
     * As {@link #take(int, long)}, of one node.
     *
     * @param node its place among the nodes of the region
     */
    public int takeOnNode(int node, int count, long alignPages) {
        if (count > pages.count()) {
            return -1;
        }
        lock.lock();
        try {
            int start = pages.find(node, count, alignPages);
            if (start < 0) {
                kept.giveAllOf(node, back);
                start = pages.find(node, count, alignPages);
            }
            if (start < 0) {
                kept.suspend(node, pages.count());
            }
            return takeFound(start, count);
        } finally {
            lock.unlock();
        }
    }

    private int takeFound(int start, int count) {
        if (start >= 0) {
            pages.take(start, count);
        }
        return start;
    }

    /**
     * Takes a run of free pages that lies in a stretch.
     *
     * @param fromPage first page of the stretch
     * @param lastEndPage page after it; pages that are not there, or not any more, are in no run
     * @return the first page of the run, or -1 if there is none
     */
    public int takeWithin(int fromPage, int lastEndPage, int count) {
        lock.lock();
        try {
            return takeFound(pages.findWithin(fromPage, lastEndPage, count), count);
        } finally {
            lock.unlock();
        }
    }

    /** As {@code FreePages.findStretch}. */
    public int freeStretch(int stretchPages) {
        lock.lock();
        try {
            return pages.findStretch(stretchPages);
        } finally {
            lock.unlock();
        }
    }

    /** Marks pages as used while the table is read; they must be free. */
    public void markUsed(int page, int count) {
        lock.lock();
        try {
            pages.take(page, count);
        } finally {
            lock.unlock();
        }
    }

    /** Gives a run back. Its table word must be 0, durably. */
    public void give(int page, int count) {
        lock.lock();
        try {
            written.add(page, count);
            pages.give(page, count);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #give}, of a run nobody has written to. */
    void giveUnwritten(int page, int count) {
        lock.lock();
        try {
            pages.give(page, count);
        } finally {
            lock.unlock();
        }
    }

    /** Gives back what is kept. */
    void giveKeptBack() {
        lock.lock();
        try {
            giveAllBack();
        } finally {
            lock.unlock();
        }
    }

    private void giveAllBack() {
        kept.giveWithin(0, Integer.MAX_VALUE, back);
    }

    /** Gives some of what is kept back, where nobody used it since the last look; as {@link KeptShelf#look}. */
    void giveIdleBack(int most) {
        lock.lock();
        try {
            kept.look(most, back);
        } finally {
            lock.unlock();
        }
    }

    /** Pages of a run that the caller has taken are 0 now, on media too. */
    void noteZero(int page, int count) {
        lock.lock();
        try {
            written.remove(page, count);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link WrittenPages#within}, of a run that the caller has taken and not yet written to. */
    int[] writtenWithin(int page, int endPage) {
        lock.lock();
        try {
            return written.within(page, endPage);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a run out for a while, if all of it is free: nobody can take it, and it still counts as free. */
    boolean borrow(int page, int count) {
        lock.lock();
        try {
            boolean isFree = pages.areFree(page, count);
            if (isFree) {
                pages.hide(page, count);
            }
            return isFree;
        } finally {
            lock.unlock();
        }
    }

    /** Gives a borrowed run back. */
    void giveBorrowed(int page, int count) {
        lock.lock();
        try {
            pages.show(page, count);
        } finally {
            lock.unlock();
        }
    }

    /** Whether all pages up to the next multiple of {@link PageBits#PART_PAGES} are free and always were. */
    boolean isBlankAt(int page) {
        lock.lock();
        try {
            return pages.isBlankAt(page);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the first run of free pages that begins at a page or after it; as {@link FreePages#findFrom}. */
    Optional<FreePages.Run> takeFrom(int page, int leastPages, int mostPages, FreePages.Leftovers leftovers) {
        lock.lock();
        try {
            Optional<FreePages.Run> run = pages.findFrom(page, leastPages, mostPages, leftovers);
            run.ifPresent(found -> pages.take(found.page(), found.endPage() - found.page()));
            return run;
        } finally {
            lock.unlock();
        }
    }

    /** A copy of the used pages; those of kept extents are free in it, unless they should not be. */
    PageBits snapshot(boolean keptAreFree) {
        lock.lock();
        try {
            PageBits used = pages.snapshot();
            if (keptAreFree) {
                kept.forEach((page, count) -> used.setRange(page, count, false));
            }
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** Length in pages of the longest run that can be taken, by a snapshot. */
    int longestRun(PageBits snapshot) {
        return pages.longestRun(snapshot);
    }

    /** Number of NUMA nodes, at least 1. */
    int nodeCount() {
        return pages.parts().nodeCount();
    }

    /** The node that a page belongs to, as its place among the nodes of the region. */
    int nodeOf(int page) {
        return pages.parts().nodeOf(page);
    }
}
