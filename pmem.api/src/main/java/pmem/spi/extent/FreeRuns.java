package pmem.spi.extent;

import java.util.Arrays;

/**
 * Where to search for free runs in a part of the pages, address-ordered first fit. Guarded by the lock of the {@link FreeExtents} it
 * is in.
 *
 * <p>For each power of two {@code 2^k} a hint says below which page no free run of at least {@code 2^k} pages begins. A
 * search for {@code n} pages starts at the hint of {@code floor(log2 n)} and so does not walk again over ground that is known
 * to be too broken up. Taking pages makes no run longer and leaves hints valid; giving pages back lowers them.
 */
final class FreeRuns {
    /** How far a give-back looks for the ends of its run before it calls the run long. */
    private static final int LOOK_ORDER = 12;

    private static final int LOOK_PAGES = 1 << LOOK_ORDER;

    private final PageBits used;
    private final long basePage;
    private final int firstPage;
    private final int[] hints = new int[Integer.SIZE];

    /**
     * Knows nothing about any page yet.
     *
     * @param basePage offset of page 0 in the region divided by the page size; alignment counts from there
     * @param firstPage the first page of the part
     */
    FreeRuns(PageBits used, long basePage, int firstPage) {
        this.used = used;
        this.basePage = basePage;
        this.firstPage = firstPage;
        Arrays.fill(hints, firstPage);
    }

    /** No run of at least so many pages begins below this page. */
    int lowestOf(int pages) {
        return hints[log2(pages)];
    }

    /**
     * The lowest free run that is long and aligned enough.
     *
     * @param endPage the page after the part's last
     * @return its first page that is aligned, or -1
     */
    int find(int pages, long alignPages, int endPage) {
        int order = log2(pages);
        // A part that is not there yet ends before it begins.
        int lowestOfOrder = Math.max(firstPage, endPage);
        int found = -1;
        int start = used.next(hints[order], endPage, false);
        while (found < 0 && start < endPage) {
            long enough = (long) start + pages + alignPages - 1;
            int limit = (int) Math.min(endPage, enough < 0 ? endPage : enough);
            int end = used.next(start, limit, true);
            if (end - start >= 1 << order) {
                lowestOfOrder = Math.min(lowestOfOrder, start);
            }
            long aligned = ((basePage + start + alignPages - 1) & -alignPages) - basePage;
            if (aligned >= start && aligned <= end - (long) pages) {
                found = (int) aligned;
            }
            start = used.next(end, endPage, false);
        }
        hints[order] = lowestOfOrder;
        return found;
    }

    /**
     * Pages of the part have become free.
     *
     * @param endPage the page after the part's last
     */
    void lower(int page, int pages, int endPage) {
        int start = Math.max(firstPage, used.runStart(page, page - LOOK_PAGES));
        if (page - start >= LOOK_PAGES) {
            // The run was long before, so the hints up to that length know its start; the others get a bound for it.
            for (int order = LOOK_ORDER + 1; order < hints.length; order++) {
                hints[order] = Math.min(hints[order], hints[LOOK_ORDER]);
            }
            return;
        }
        int limit = Math.min(endPage, page + pages + LOOK_PAGES);
        int end = used.next(page + pages, limit, true);
        boolean isLong = end == limit && limit < endPage;
        int orders = isLong ? hints.length : log2(end - start) + 1;
        for (int order = 0; order < orders; order++) {
            hints[order] = Math.min(hints[order], start);
        }
    }

    private static int log2(int pages) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(pages);
    }
}
