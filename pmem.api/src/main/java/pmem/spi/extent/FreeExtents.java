package pmem.spi.extent;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The free pages of a space, in DRAM: one bit a page that says used, runs taken by address-ordered first fit. Thread-safe; one
 * lock, since only slabs and large blocks come here.
 *
 * <p>Where a region is divided among NUMA nodes no run crosses from one stretch to another, and each has hints of its own about where
 * to search ({@code FreeRuns}).
 */
public final class FreeExtents {
    /** A thousand words of bits: about as long as a fence takes. */
    private static final int STRETCH_LOOK_PAGES = 1 << 16;

    private final ReentrantLock lock = new ReentrantLock();
    // Changes under the lock; a look without it may miss the newest pages.
    private volatile int pageCount;
    private final PageParts parts;
    private final PageBits used;
    private final WrittenPages written;
    private final FreeRuns[] runs;
    private final AtomicInteger freePages;

    /**
     * Starts with all pages free.
     *
     * @param pageCount number of pages
     * @param basePage the first page's offset in the region divided by the page size; alignment counts from there
     */
    public FreeExtents(int pageCount, long basePage) {
        this(pageCount, pageCount, PageParts.one(basePage), false);
    }

    /**
     * Starts with all pages free, of a space that may grow.
     *
     * @param pageCount number of pages now
     * @param pagesMax number of pages when it has grown as far as it can
     * @param parts what no run crosses
     * @param blank whether all those there are now are 0
     */
    FreeExtents(int pageCount, int pagesMax, PageParts parts, boolean blank) {
        this.pageCount = pageCount;
        this.parts = parts;
        used = new PageBits(pagesMax);
        runs = new FreeRuns[parts.count()];
        for (int part = 0; part < runs.length; part++) {
            runs[part] = new FreeRuns(used, parts.basePage(), parts.firstPage(part));
        }
        written = new WrittenPages(pagesMax, blank);
        freePages = new AtomicInteger(pageCount);
    }

    /**
     * Takes in the pages up to a number, all free.
     *
     * @param blank whether they are 0
     */
    void grow(int newPageCount, boolean blank) {
        lock.lock();
        try {
            int before = pageCount;
            if (newPageCount > before) {
                written.add(before, blank ? 0 : newPageCount - before);
                pageCount = newPageCount;
                freePages.addAndGet(newPageCount - before);
                lowerHints(before, newPageCount - before);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The page after the last that is used. */
    int usedEnd() {
        lock.lock();
        try {
            return used.runStart(pageCount, 0);
        } finally {
            lock.unlock();
        }
    }

    /** Gives up the pages from a number on, if all of them are free; says whether they were. */
    boolean shrink(int newPageCount) {
        lock.lock();
        try {
            int pages = pageCount - newPageCount;
            if (used.next(newPageCount, pageCount, true) < pageCount) {
                return false;
            }
            // Their bits stay as those of free pages, as pages have that have yet to come.
            pageCount = newPageCount;
            freePages.addAndGet(-pages);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Number of free pages now; one volatile read. */
    public int freePages() {
        return freePages.get();
    }

    /**
     * Takes the lowest run of free pages that is long and aligned enough.
     *
     * @param pages at least 1
     * @param alignPages a power of two; the run's first page, counted from the start of the region, is a multiple of it
     * @return the first page, or -1 if there is no such run
     */
    public int take(int pages, long alignPages) {
        return take(0, pages, alignPages);
    }

    /** As {@link #take(int, long)}: of a node, or of the next one if that has no such run, and so on. */
    int take(int node, int pages, long alignPages) {
        int start = -1;
        for (int i = 0; i < parts.nodeCount() && start < 0; i++) {
            start = takeOnNode((node + i) % parts.nodeCount(), pages, alignPages);
        }
        return start;
    }

    /**
     * As {@link #take(int, long)}, of one node.
     *
     * @param node its place among the nodes of the region
     */
    public int takeOnNode(int node, int pages, long alignPages) {
        if (pages > freePages.get()) {
            return -1;
        }
        lock.lock();
        try {
            int start = find(node, pages, alignPages);
            if (start >= 0) {
                setRange(start, pages, false);
                freePages.addAndGet(-pages);
            }
            return start;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the pages behind an extent if all of them are free and the extent may become as long.
     *
     * @return whether they were and it may
     */
    boolean takeAt(int page, int pages) {
        lock.lock();
        try {
            if (pages > pageCount - page
                    || parts.partOf(page - 1) != parts.partOf(page + pages - 1)
                    || used.next(page, page + pages, true) != page + pages) {
                return false;
            }
            setRange(page, pages, false);
            freePages.addAndGet(-pages);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a run of free pages that lies in a stretch.
     *
     * @param fromPage first page of the stretch
     * @param lastEndPage page after it; pages that are not there, or not any more, are in no run
     * @return the first page of the run, or -1 if there is none
     */
    public int takeWithin(int fromPage, int lastEndPage, int pages) {
        lock.lock();
        try {
            int endPage = Math.min(lastEndPage, pageCount);
            int start = used.next(fromPage, endPage, false);
            while (start + pages <= endPage) {
                int limit = Math.min(start + pages, parts.endPage(parts.partOf(start), pageCount));
                int end = used.next(start, limit, true);
                if (end == start + pages) {
                    setRange(start, pages, false);
                    freePages.addAndGet(-pages);
                    return start;
                }
                start = used.next(end, endPage, false);
            }
            return -1;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The lowest stretch of pages that are all free now; it is not looked for for ever.
     *
     * @param stretchPages length of a stretch; stretches begin at its multiples
     * @return its first page, or -1 if none was found
     */
    public int freeStretch(int stretchPages) {
        lock.lock();
        try {
            long first = runs[0].lowestOf(stretchPages);
            long limit = Math.min(pageCount, first + STRETCH_LOOK_PAGES);
            while (first < limit) {
                first = (first + stretchPages - 1) / stretchPages * stretchPages;
                if (first + stretchPages > pageCount) {
                    return -1;
                }
                int end = used.next((int) first, (int) first + stretchPages, true);
                if (end == first + stretchPages) {
                    return (int) first;
                }
                first = used.next(end, pageCount, false);
            }
            return -1;
        } finally {
            lock.unlock();
        }
    }

    /** Marks pages as used while the table is read; they must be free. */
    public void markUsed(int page, int pages) {
        lock.lock();
        try {
            setRange(page, pages, false);
            freePages.addAndGet(-pages);
        } finally {
            lock.unlock();
        }
    }

    /** Gives a run back. Its table word must be 0, durably. */
    public void give(int page, int pages) {
        lock.lock();
        try {
            written.add(page, pages);
            giveLocked(page, pages);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #give}, of a run nobody has written to. */
    void giveUnwritten(int page, int pages) {
        lock.lock();
        try {
            giveLocked(page, pages);
        } finally {
            lock.unlock();
        }
    }

    private void giveLocked(int page, int pages) {
        setRange(page, pages, true);
        freePages.addAndGet(pages);
        lowerHints(page, pages);
    }

    /** Pages of a run that the caller has taken are 0 now, on media too. */
    void noteZero(int page, int pages) {
        lock.lock();
        try {
            written.remove(page, pages);
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
    boolean borrow(int page, int pages) {
        lock.lock();
        try {
            // Who found it free may have done so before the space became smaller.
            boolean isFree = pages <= pageCount - page && used.next(page, page + pages, true) == page + pages;
            if (isFree) {
                setRange(page, pages, false);
            }
            return isFree;
        } finally {
            lock.unlock();
        }
    }

    /** Gives a borrowed run back. */
    void giveBorrowed(int page, int pages) {
        lock.lock();
        try {
            setRange(page, pages, true);
            lowerHints(page, pages);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a page is free now. */
    public boolean isFree(int page) {
        lock.lock();
        try {
            return !used.get(page);
        } finally {
            lock.unlock();
        }
    }

    /** Whether all pages up to the next multiple of {@link PageBits#PART_PAGES} are free and always were. */
    boolean isBlankAt(int page) {
        lock.lock();
        try {
            return used.isBlankAt(page);
        } finally {
            lock.unlock();
        }
    }

    /** Whether pages that this process never used may have storage that somebody left. */
    @FunctionalInterface
    interface Leftovers {
        boolean mayBeIn(int page, int endPage);
    }

    /**
     * Takes the first run of free pages that begins at a page or after it.
     *
     * @param leastPages shorter ones are passed over
     * @param mostPages of longer ones only so many are taken
     * @return the first page and the page after the last; none if there is no such run
     */
    Optional<Run> takeFrom(int page, int leastPages, int mostPages, Leftovers leftovers) {
        lock.lock();
        try {
            int start = used.next(page, pageCount, false);
            while (start < pageCount) {
                int partEnd = ExtentMap.endOfPart(start, pageCount);
                boolean nothing = used.isBlankAt(start) && !leftovers.mayBeIn(start, partEnd);
                int end =
                        nothing ? partEnd : used.next(start, (int) Math.min(pageCount, (long) start + mostPages), true);
                if (!nothing && end - start >= leastPages) {
                    setRange(start, end - start, false);
                    freePages.addAndGet(start - end);
                    return Optional.of(new Run(start, end));
                }
                start = used.next(end, pageCount, false);
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Pages side by side. */
    record Run(int page, int endPage) {}

    /** A copy of the used pages, for {@link #longestRun}. */
    PageBits snapshot() {
        lock.lock();
        try {
            return used.copy();
        } finally {
            lock.unlock();
        }
    }

    /** Length in pages of the longest run that can be taken, by a snapshot. */
    int longestRun(PageBits snapshot) {
        int longest = 0;
        int start = snapshot.next(0, pageCount, false);
        while (start < pageCount) {
            int end = snapshot.next(start, parts.endPage(parts.partOf(start), pageCount), true);
            longest = Math.max(longest, end - start);
            start = snapshot.next(end, pageCount, false);
        }
        return longest;
    }

    /** Number of NUMA nodes, at least 1. */
    int nodeCount() {
        return parts.nodeCount();
    }

    /** The node that a page belongs to, as its place among the nodes of the region. */
    int nodeOf(int page) {
        return parts.nodeOf(page);
    }

    private int find(int node, int pages, long alignPages) {
        int found = -1;
        for (int part = node; part < runs.length && found < 0; part += parts.nodeCount()) {
            found = runs[part].find(pages, alignPages, parts.endPage(part, pageCount));
        }
        return found;
    }

    private void lowerHints(int page, int pages) {
        int end = page + pages;
        int at = page;
        while (at < end) {
            int part = parts.partOf(at);
            int endOfPart = parts.endPage(part, pageCount);
            int next = Math.min(end, endOfPart);
            runs[part].lower(at, next - at, endOfPart);
            at = next;
        }
    }

    private void setRange(int page, int pages, boolean free) {
        int twice = used.setRange(page, pages, !free);
        if (twice >= 0) {
            throw new IllegalStateException("page has two owners: expected " + (free ? "used" : "free")
                    + " pages, page=" + twice + " of the " + pages + " pages from page " + page);
        }
    }
}
