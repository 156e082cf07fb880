package pmem.spi.extent;

import java.util.Arrays;

/**
 * One bit a page, all 0 at first, in parts that come into being when a bit of theirs is first set: what a space costs in memory
 * goes with the pages that are used, not with those there are. Not thread-safe.
 */
final class PageBits {
    /** Pages of a part; a multiple of 64. */
    static final int PART_PAGES = 1 << 15;

    private static final int PART_SHIFT = 15;
    private static final int PART_MASK = PART_PAGES - 1;
    private static final int WORD_SHIFT = 6;
    private static final long[] NO_PART = {};

    private final int pageCount;
    private final long[][] parts;

    /** All bits 0. */
    PageBits(int pageCount) {
        this.pageCount = pageCount;
        parts = new long[(int) (((long) pageCount + PART_MASK) >>> PART_SHIFT)][];
        Arrays.fill(parts, NO_PART);
    }

    private PageBits(PageBits other) {
        pageCount = other.pageCount;
        parts = new long[other.parts.length][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = other.parts[i].clone();
        }
    }

    /** An independent copy. */
    PageBits copy() {
        return new PageBits(this);
    }

    /** The bit of a page. */
    boolean get(int page) {
        return (wordOf(page) >>> page & 1) != 0;
    }

    /** Whether no bit has ever been set in the part that a page is in. */
    boolean isBlankAt(int page) {
        return parts[page >>> PART_SHIFT].length == 0;
    }

    /** The 64 bits that a page's bit is among. */
    long wordOf(int page) {
        long[] part = parts[page >>> PART_SHIFT];
        return part.length == 0 ? 0 : part[(page & PART_MASK) >>> WORD_SHIFT];
    }

    /**
     * Sets or clears a run of bits.
     *
     * @return the first page whose bit had the value already, or -1 if none had
     */
    int setRange(int page, int pages, boolean value) {
        int end = page + pages;
        int unchanged = -1;
        for (int at = page; at < end; ) {
            int inWord = Math.min(end - at, Long.SIZE - (at & (Long.SIZE - 1)));
            long mask = -1L >>> (Long.SIZE - inWord) << at;
            long[] part = partOf(at);
            int word = (at & PART_MASK) >>> WORD_SHIFT;
            long had = value ? part[word] & mask : ~part[word] & mask;
            if (had != 0 && unchanged < 0) {
                unchanged = (at & -Long.SIZE) + Long.numberOfTrailingZeros(had);
            }
            part[word] = value ? part[word] | mask : part[word] & ~mask;
            at += inWord;
        }
        return unchanged;
    }

    /** First page from {@code from} on whose bit has the value, or {@code limit}. */
    int next(int from, int limit, boolean value) {
        long flip = value ? 0 : -1L;
        int at = from;
        while (at < limit) {
            long[] part = parts[at >>> PART_SHIFT];
            int partEnd = (int) Math.min(limit, (at & -(long) PART_PAGES) + PART_PAGES);
            if (part.length == 0) {
                if (!value) {
                    return at;
                }
                at = partEnd;
                continue;
            }
            at = nextIn(part, at, partEnd, flip);
            if (at < partEnd) {
                return at;
            }
        }
        return limit;
    }

    /** First page of the run of clear bits that a page with a clear bit is in, or any page of it at or below the given one. */
    int runStart(int page, int lowest) {
        int start = page;
        while (start > Math.max(0, lowest)) {
            int inWord = ((start - 1) & (Long.SIZE - 1)) + 1;
            int ones = Math.min(inWord, Long.numberOfLeadingZeros(wordOf(start - 1) << -inWord));
            start -= ones;
            if (ones < inWord) {
                break;
            }
        }
        return start;
    }

    private static int nextIn(long[] part, int from, int partEnd, long flip) {
        int base = from & -PART_PAGES;
        int index = (from & PART_MASK) >>> WORD_SHIFT;
        int last = (partEnd - 1 - base) >>> WORD_SHIFT;
        long word = (part[index] ^ flip) & (-1L << from);
        while (word == 0 && index < last) {
            word = part[++index] ^ flip;
        }
        return word == 0 ? partEnd : Math.min(partEnd, base + (index << WORD_SHIFT) + Long.numberOfTrailingZeros(word));
    }

    private long[] partOf(int page) {
        int index = page >>> PART_SHIFT;
        long[] part = parts[index];
        if (part.length == 0) {
            int pages = Math.min(PART_PAGES, pageCount - (index << PART_SHIFT));
            part = new long[(pages + Long.SIZE - 1) >>> WORD_SHIFT];
            parts[index] = part;
        }
        return part;
    }
}
