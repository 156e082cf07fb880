package pmem.spi.extent;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The free pages of a space, in DRAM: one bit a page, runs taken by address-ordered first fit. Thread-safe; one lock, since
 * only slabs and large blocks come here.
 *
 * <p>For each power of two {@code 2^k} a hint says below which page no free run of at least {@code 2^k} pages begins. A
 * search for {@code n} pages starts at the hint of {@code floor(log2 n)} and so does not walk again over ground that is known
 * to be too broken up. Taking pages makes no run longer and leaves hints valid; giving pages back lowers them.
 */
public final class FreeExtents {
    private static final int WORD_SHIFT = 6;
    /** How far a give-back looks for the ends of its run before it calls the run long. */
    private static final int LOOK_ORDER = 12;

    private static final int LOOK_PAGES = 1 << LOOK_ORDER;

    private final ReentrantLock lock = new ReentrantLock();
    private final int pageCount;
    private final long basePage;
    private final long[] freeBits;
    private final int[] hints = new int[Integer.SIZE];
    private final AtomicInteger freePages;

    /**
     * Starts with all pages free.
     *
     * @param pageCount number of pages
     * @param basePage the first page's offset in the region divided by the page size; alignment counts from there
     */
    public FreeExtents(int pageCount, long basePage) {
        this.pageCount = pageCount;
        this.basePage = basePage;
        freeBits = new long[(pageCount + Long.SIZE - 1) >>> WORD_SHIFT];
        Arrays.fill(freeBits, -1L);
        if ((pageCount & (Long.SIZE - 1)) != 0) {
            freeBits[freeBits.length - 1] = -1L >>> -pageCount;
        }
        freePages = new AtomicInteger(pageCount);
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
        if (pages > freePages.get()) {
            return -1;
        }
        lock.lock();
        try {
            int start = find(pages, alignPages);
            if (start >= 0) {
                setRange(start, pages, false);
                freePages.addAndGet(-pages);
            }
            return start;
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
            setRange(page, pages, true);
            freePages.addAndGet(pages);
            lowerHints(page, pages);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a page is free now. */
    public boolean isFree(int page) {
        lock.lock();
        try {
            return (freeBits[page >>> WORD_SHIFT] >>> page & 1) != 0;
        } finally {
            lock.unlock();
        }
    }

    /** A copy of the free pages, for {@link #longestRun}. */
    public long[] snapshot() {
        lock.lock();
        try {
            return freeBits.clone();
        } finally {
            lock.unlock();
        }
    }

    /** Adds pages to a snapshot. */
    public static void addTo(long[] snapshot, int page, int pages) {
        for (int i = page; i < page + pages; i++) {
            snapshot[i >>> WORD_SHIFT] |= 1L << i;
        }
    }

    /** Length of the longest run of a snapshot in pages. */
    public int longestRun(long[] snapshot) {
        int longest = 0;
        int start = nextBit(snapshot, 0, pageCount, true);
        while (start < pageCount) {
            int end = nextBit(snapshot, start, pageCount, false);
            longest = Math.max(longest, end - start);
            start = nextBit(snapshot, end, pageCount, true);
        }
        return longest;
    }

    private int find(int pages, long alignPages) {
        int order = log2(pages);
        int lowestOfOrder = pageCount;
        int found = -1;
        int start = nextBit(freeBits, hints[order], pageCount, true);
        while (found < 0 && start < pageCount) {
            long enough = (long) start + pages + alignPages - 1;
            int limit = (int) Math.min(pageCount, enough < 0 ? pageCount : enough);
            int end = nextBit(freeBits, start, limit, false);
            if (end - start >= 1 << order) {
                lowestOfOrder = Math.min(lowestOfOrder, start);
            }
            long aligned = ((basePage + start + alignPages - 1) & -alignPages) - basePage;
            if (aligned >= start && aligned <= end - (long) pages) {
                found = (int) aligned;
            }
            start = nextBit(freeBits, end, pageCount, true);
        }
        hints[order] = lowestOfOrder;
        return found;
    }

    private void lowerHints(int page, int pages) {
        int start = runStart(page, page - LOOK_PAGES);
        if (page - start >= LOOK_PAGES) {
            // The run was long before, so the hints up to that length know its start; the others get a bound for it.
            for (int order = LOOK_ORDER + 1; order < hints.length; order++) {
                hints[order] = Math.min(hints[order], hints[LOOK_ORDER]);
            }
            return;
        }
        int limit = Math.min(pageCount, page + pages + LOOK_PAGES);
        int end = nextBit(freeBits, page + pages, limit, false);
        boolean isLong = end == limit && limit < pageCount;
        int orders = isLong ? hints.length : log2(end - start) + 1;
        for (int order = 0; order < orders; order++) {
            hints[order] = Math.min(hints[order], start);
        }
    }

    /** First page of the free run that a free page is in, or any page of it at or below the given one. */
    private int runStart(int page, int lowest) {
        int start = page;
        while (start > Math.max(0, lowest)) {
            int index = (start - 1) >>> WORD_SHIFT;
            int inWord = ((start - 1) & (Long.SIZE - 1)) + 1;
            int ones = Math.min(inWord, Long.numberOfLeadingZeros(~(freeBits[index] << -inWord)));
            start -= ones;
            if (ones < inWord) {
                break;
            }
        }
        return start;
    }

    private void setRange(int page, int pages, boolean free) {
        int end = page + pages;
        for (int at = page; at < end; ) {
            int inWord = Math.min(end - at, Long.SIZE - (at & (Long.SIZE - 1)));
            long mask = -1L >>> (Long.SIZE - inWord) << at;
            long old = freeBits[at >>> WORD_SHIFT];
            if ((old & mask) != (free ? 0 : mask)) {
                throw new IllegalStateException("page has two owners: expected " + (free ? "used" : "free")
                        + " pages, page=" + at + " pages=" + inWord + " found=0x" + Long.toHexString(old));
            }
            freeBits[at >>> WORD_SHIFT] = old ^ mask;
            at += inWord;
        }
    }

    /** First page from {@code from} on whose bit has the value, or {@code limit}. */
    private static int nextBit(long[] bits, int from, int limit, boolean value) {
        if (from >= limit) {
            return limit;
        }
        long flip = value ? 0 : -1L;
        int index = from >>> WORD_SHIFT;
        int last = (limit - 1) >>> WORD_SHIFT;
        long word = (bits[index] ^ flip) & (-1L << from);
        while (word == 0 && index < last) {
            word = bits[++index] ^ flip;
        }
        return word == 0 ? limit : Math.min(limit, (index << WORD_SHIFT) + Long.numberOfTrailingZeros(word));
    }

    private static int log2(int pages) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(pages);
    }
}
