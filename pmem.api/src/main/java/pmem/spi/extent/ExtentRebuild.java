package pmem.spi.extent;

import pmem.api.Finding;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;
import pmem.spi.WordScan;

/** Reads the extent table after an open and fills the volatile side from it. Reads only. */
final class ExtentRebuild {
    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;
    /** Where the extent that was read last begins, and the page after it. */
    private int lastStart;

    private int lastEnd;
    /** Where the extents that end there, side by side, begin. */
    private int runStart;

    ExtentRebuild(Region region, ExtentTableLayout layout, FreeExtents free) {
        this.region = region;
        this.layout = layout;
        this.free = free;
    }

    /** What the scan finds, in the order of the pages. */
    interface Sink {
        void large(int page, int pages);

        void slab(SlabExtent.Place place);

        /** Returns whether there can be such a segment. */
        boolean medium(int page, int pages);
    }

    /**
     * Marks the pages of all extents used and passes the extents on. Every word that may not be 0 is looked at, also those
     * inside extents.
     *
     * @param ranges the ranges of the table that may hold anything, as {@link Region#usedRanges} gives them
     * @throws PoolCorruptedException if a word is damaged or two extents overlap
     */
    void scan(long[] ranges, Sink sink) {
        WordScan.run(region, ranges, (offset, word) -> extent(layout.pageOfWord(offset), word, sink));
        markRunUsed();
    }

    private void extent(int page, long word, Sink sink) {
        if (page < lastEnd) {
            throw damaged(
                    page,
                    "no word inside the extent of " + (lastEnd - lastStart) + " pages at page " + lastStart,
                    word);
        }
        if (!ExtentWord.isValid(word, page)) {
            throw damaged(page, "a table word with a right check", word);
        }
        int pages = ExtentWord.pages(word);
        if (pages > layout.pageCount() - page) {
            throw damaged(page, "an extent of at most " + (layout.pageCount() - page) + " pages", word);
        }
        if (page > lastEnd) {
            markRunUsed();
            runStart = page;
        }
        lastStart = page;
        lastEnd = page + pages;
        if (ExtentWord.isLarge(word)) {
            sink.large(page, pages);
        } else if (ExtentWord.isMedium(word)) {
            if (!sink.medium(page, pages)) {
                throw damaged(page, "no such segment of medium blocks in this pool", word);
            }
        } else {
            sink.slab(new SlabExtent.Place(page, pages, ExtentWord.classIndex(word)));
        }
    }

    private void markRunUsed() {
        free.markUsed(runStart, lastEnd - runStart);
    }

    PoolCorruptedException damaged(int page, String expected, long word) {
        return new PoolCorruptedException("extent table is damaged: pool=" + region.name() + " " + layout.describe(page)
                + " wordOffset=0x" + Long.toHexString(layout.wordOffset(page)) + ", expected " + expected + ", found=0x"
                + Long.toHexString(word) + "; try pmem repair, or restore the pool from a copy");
    }

    /** The failure of the open for a finding. */
    PoolCorruptedException refused(Finding finding) {
        return new PoolCorruptedException("policy metadata is damaged: pool=" + region.name() + " " + finding
                + "; try pmem repair, or restore the pool from a copy");
    }
}
