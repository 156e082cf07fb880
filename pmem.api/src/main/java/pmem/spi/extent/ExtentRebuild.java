package pmem.spi.extent;

import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;

/** Reads the extent table after an open and fills the volatile side from it. Reads only. */
final class ExtentRebuild {
    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;

    ExtentRebuild(Region region, ExtentTableLayout layout, FreeExtents free) {
        this.region = region;
        this.layout = layout;
        this.free = free;
    }

    /** What the scan finds, in the order of the pages. */
    interface Sink {
        void large(int page, int pages);

        void slab(SlabExtent.Place place);
    }

    /**
     * Marks the pages of all extents used and passes the extents on.
     *
     * @throws PoolCorruptedException if a word is damaged or two extents overlap
     */
    void scan(Sink sink) {
        for (int page = 0; page < layout.pageCount(); ) {
            long word = region.loadAcquire(layout.wordOffset(page));
            page += word == 0 ? 1 : extent(page, word, sink);
        }
    }

    private int extent(int page, long word, Sink sink) {
        if (!ExtentWord.isValid(word, page)) {
            throw damaged(page, "a table word with a right check", word);
        }
        int pages = ExtentWord.pages(word);
        if (pages > layout.pageCount() - page) {
            throw damaged(page, "an extent of at most " + (layout.pageCount() - page) + " pages", word);
        }
        for (int inner = page + 1; inner < page + pages; inner++) {
            long overlapping = region.loadAcquire(layout.wordOffset(inner));
            if (overlapping != 0) {
                throw damaged(inner, "no word inside the extent of " + pages + " pages at page " + page, overlapping);
            }
        }
        free.markUsed(page, pages);
        if (ExtentWord.isLarge(word)) {
            sink.large(page, pages);
        } else {
            sink.slab(new SlabExtent.Place(page, pages, ExtentWord.classIndex(word)));
        }
        return pages;
    }

    PoolCorruptedException damaged(int page, String expected, long word) {
        return new PoolCorruptedException("extent table is damaged: pool=" + region.name() + " " + layout.describe(page)
                + " wordOffset=0x" + Long.toHexString(layout.wordOffset(page)) + ", expected " + expected + ", found=0x"
                + Long.toHexString(word) + "; try pmem repair, or restore the pool from a copy");
    }

    /** Turns the findings of a check into the failure of the open. */
    void demandNone(Consumer<Consumer<Finding>> check) {
        check.accept(finding -> {
            throw new PoolCorruptedException("policy metadata is damaged: pool=" + region.name() + " " + finding
                    + "; try pmem repair, or restore the pool from a copy");
        });
    }
}
