package pmem.spi.extent;

import java.util.Arrays;

/**
 * Which free pages may hold anything but zeros, in DRAM: those that somebody had since the space was blank, and all pages of a space
 * that was not blank when it was opened. Guarded by the lock of the {@link FreeExtents} it is in.
 */
final class WrittenPages {
    private static final int RANGES_AT_START = 4;

    private final boolean blankAtStart;
    private final PageBits written;

    /**
     * Knows of no page that somebody had.
     *
     * @param pagesMax number of pages when the space has grown as far as it can
     * @param blankAtStart whether all of them are 0
     */
    WrittenPages(int pagesMax, boolean blankAtStart) {
        this.blankAtStart = blankAtStart;
        written = new PageBits(blankAtStart ? pagesMax : 0);
    }

    /** These pages may hold anything from now on. */
    void add(int page, int pages) {
        if (blankAtStart && pages > 0) {
            written.setRange(page, pages, true);
        }
    }

    /** Whether all of these pages are known to hold anything already; for who has them, without the lock too. */
    boolean has(int page, int pages) {
        return !blankAtStart || written.next(page, page + pages, false) == page + pages;
    }

    /** These pages are 0 now, on media too. */
    void remove(int page, int pages) {
        if (blankAtStart && pages > 0) {
            written.setRange(page, pages, false);
        }
    }

    /** The pages of a run that may hold anything: first page and the page after the last of each stretch in turn, ascending. */
    int[] within(int page, int endPage) {
        if (!blankAtStart) {
            return new int[] {page, endPage};
        }
        int[] found = new int[2 * RANGES_AT_START];
        int count = 0;
        for (int at = written.next(page, endPage, true); at < endPage; ) {
            if (count == found.length) {
                found = Arrays.copyOf(found, 2 * count);
            }
            int end = written.next(at, endPage, false);
            found[count++] = at;
            found[count++] = end;
            at = written.next(end, endPage, true);
        }
        return Arrays.copyOf(found, count);
    }
}
