package pmem.spi.extent;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One bit for each page of a space that says used, in DRAM, and where runs of free pages are. Guarded by the lock of the {@link
 * FreeExtents} it is in, but for the numbers of pages.
 *
 * <p>Where a region is divided among NUMA nodes no run crosses from one stretch to another, and each has hints of its own about where
 * to search ({@code FreeRuns}).
 */
final class FreePages {
    /** A thousand words of bits: about as long as a fence takes. */
    private static final int STRETCH_LOOK_PAGES = 1 << 16;

    /** Pages side by side. */
    record Run(int page, int endPage) {}

    /** Whether pages that this process never used may have storage that somebody left. */
    @FunctionalInterface
    interface Leftovers {
        boolean mayBeIn(int page, int endPage);
    }

    // Changes under the lock; a look without it may miss the newest pages.
    private volatile int pageCount;
    private final AtomicInteger freeCount;
    private final PageParts parts;
    private final PageBits used;
    private final FreeRuns[] runs;

    /**
     * All pages are free.
     *
     * @param pageCount number of pages now
     * @param pagesMax number of pages when the space has grown as far as it can
     * @param parts what no run crosses
     */
    FreePages(int pageCount, int pagesMax, PageParts parts) {
        this.pageCount = pageCount;
        this.parts = parts;
        used = new PageBits(pagesMax);
        runs = new FreeRuns[parts.count()];
        for (int part = 0; part < runs.length; part++) {
            runs[part] = new FreeRuns(used, parts.basePage(), parts.firstPage(part));
        }
        freeCount = new AtomicInteger(pageCount);
    }

    /** Number of pages now, free or not; without the lock too. */
    int count() {
        return pageCount;
    }

    /** Number of free pages now; without the lock too. */
    int freeCount() {
        return freeCount.get();
    }

    // Others only read, so under the lock no locked instruction is needed.
    private void addFree(int pages) {
        freeCount.setRelease(freeCount.getPlain() + pages);
    }

    /** Takes in the pages up to a number, all free. */
    void grow(int newPageCount) {
        int before = pageCount;
        pageCount = newPageCount;
        addFree(newPageCount - before);
        lowerHints(before, newPageCount - before);
    }

    /** Gives up the pages from a number on, if all of them are free; says whether they were. */
    boolean shrink(int newPageCount) {
        int before = pageCount;
        if (used.next(newPageCount, before, true) < before) {
            return false;
        }
        // Their bits stay as those of free pages, as pages have that have yet to come.
        pageCount = newPageCount;
        addFree(newPageCount - before);
        return true;
    }

    /** The page after the last that is used. */
    int usedEnd() {
        return used.runStart(pageCount, 0);
    }

    /** The lowest free run of a node that is long and aligned enough: its first page, or -1. */
    int find(int node, int pages, long alignPages) {
        int found = -1;
        for (int part = node; pages <= freeCount() && part < runs.length && found < 0; part += parts.nodeCount()) {
            found = runs[part].find(pages, alignPages, parts.endPage(part, pageCount));
        }
        return found;
    }

    /**
     * The first free run that lies in a stretch; as {@link #find}.
     *
     * @param fromPage first page of the stretch
     * @param lastEndPage page after it; pages that are not there, or not any more, are in no run
     */
    int findWithin(int fromPage, int lastEndPage, int pages) {
        int endPage = Math.min(lastEndPage, pageCount);
        int start = used.next(fromPage, endPage, false);
        while (start + pages <= endPage) {
            int limit = Math.min(start + pages, parts.endPage(parts.partOf(start), pageCount));
            int end = used.next(start, limit, true);
            if (end == start + pages) {
                return start;
            }
            start = used.next(end, endPage, false);
        }
        return -1;
    }

    /**
     * The lowest stretch of pages that are all free; it is not looked for for ever.
     *
     * @param stretchPages length of a stretch; stretches begin at its multiples
     * @return its first page, or -1 if none was found
     */
    int findStretch(int stretchPages) {
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
    }

    /**
     * The first free run that begins at a page or after it.
     *
     * @param leastPages shorter ones are passed over
     * @param mostPages of longer ones only so many are in the run
     */
    Optional<Run> findFrom(int page, int leastPages, int mostPages, Leftovers leftovers) {
        int start = used.next(page, pageCount, false);
        while (start < pageCount) {
            int partEnd = ExtentMap.endOfPart(start, pageCount);
            boolean nothing = used.isBlankAt(start) && !leftovers.mayBeIn(start, partEnd);
            int end = nothing ? partEnd : used.next(start, (int) Math.min(pageCount, (long) start + mostPages), true);
            if (!nothing && end - start >= leastPages) {
                return Optional.of(new Run(start, end));
            }
            start = used.next(end, pageCount, false);
        }
        return Optional.empty();
    }

    /** Whether the pages are there and free. */
    boolean areFree(int page, int pages) {
        // Who found them free before may have done so before the space became smaller.
        return pages <= pageCount - page && used.next(page, page + pages, true) == page + pages;
    }

    /** Whether an extent that ends before a page may have the pages from there on too. */
    boolean mayFollow(int page, int pages) {
        return parts.partOf(page - 1) == parts.partOf(page + pages - 1);
    }

    /** Takes pages, which must be free. */
    void take(int page, int pages) {
        setRange(page, pages, false);
        addFree(-pages);
    }

    /** Makes pages free, which must be taken. */
    void give(int page, int pages) {
        setRange(page, pages, true);
        addFree(pages);
        lowerHints(page, pages);
    }

    /** Takes pages that still count as free. */
    void hide(int page, int pages) {
        setRange(page, pages, false);
    }

    /** Makes pages free again that were hidden. */
    void show(int page, int pages) {
        setRange(page, pages, true);
        lowerHints(page, pages);
    }

    /** Whether all pages up to the next multiple of {@link PageBits#PART_PAGES} are free and always were. */
    boolean isBlankAt(int page) {
        return used.isBlankAt(page);
    }

    /** A copy of the used pages, for {@link #longestRun}. */
    PageBits snapshot() {
        return used.copy();
    }

    /** Length in pages of the longest run that can be taken, by a snapshot; without the lock too. */
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

    /** What no run crosses; without the lock too. */
    PageParts parts() {
        return parts;
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
