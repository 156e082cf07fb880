package pmem.spi.extent;

import java.util.concurrent.atomic.LongAdder;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Blocks that are runs of whole pages. The state field of such a block is the table word of its first page, so reserving one
 * changes DRAM only, and so does everything a block needs to become longer but the one change of that word: the words of free pages
 * are 0 on media. Pages that a block has left may be kept for the next one of its length ({@code KeptExtents}); they are free, and no
 * block is found there. Thread-safe.
 */
final class LargeBlocks {
    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;
    private final LargeExtents extents;
    private final ExtentMap<?> map;
    /** But for those that come from kept extents and go there, which are counted where these are. */
    private final LongAdder blocks = new LongAdder();

    private final LongAdder pagesTaken = new LongAdder();

    LargeBlocks(Region region, ExtentTableLayout layout, FreeExtents free, ExtentMap<?> map) {
        this.region = region;
        this.layout = layout;
        this.free = free;
        extents = free.large();
        this.map = map;
    }

    long reserve(long bytes, long alignmentBytes, int node) {
        int pages = layout.pagesFor(bytes);
        long alignPages = Math.max(1, alignmentBytes >>> layout.pageShift());
        int page = extents.takeKept(node, pages, alignPages);
        if (page < 0) {
            return reserveAnew(pages, alignPages, node);
        }
        region.step("extent.kept-taken");
        map.putLarge(page, pages);
        return layout.pageOffset(page);
    }

    private long reserveAnew(int pages, long alignPages, int node) {
        int page = extents.take(node, pages, alignPages);
        if (page < 0) {
            return Handles.NONE;
        }
        region.step("extent.pages-taken");
        if (!layout.ensureBacked(region, page, pages, false)) {
            free.giveUnwritten(page, pages);
            return Handles.NONE;
        }
        enter(page, pages);
        return layout.pageOffset(page);
    }

    /** As {@link pmem.spi.PolicyAccess#allocateAtOnce}, from what is kept. */
    long allocateAtOnce(long bytes, int node) {
        int pages = layout.pagesFor(bytes);
        int page = extents.takeKept(node, pages, 1);
        if (page < 0) {
            return Handles.NONE;
        }
        map.putLarge(page, pages);
        // Nobody else changes the word of a block that is merely reserved.
        region.storeRelease(layout.wordOffset(page), ExtentWord.large(page, pages));
        return layout.pageOffset(page);
    }

    /** As {@link pmem.spi.PolicyAccess#freeAtOnce(long)}; others may free the block at the same time. */
    boolean freeAtOnce(long handle) {
        int page = layout.pageOf(handle);
        if (!startsAt(page, handle)) {
            return false;
        }
        long wordOffset = layout.wordOffset(page);
        long word = region.loadAcquire(wordOffset);
        if (word == 0 || !region.compareAndSet(wordOffset, word, 0)) {
            return false;
        }
        if (!release(handle, word)) {
            throw SlabExtent.notClaimed(handle);
        }
        return true;
    }

    /** The offsets of what may be other than 0 in a block that was just reserved, as {@link pmem.spi.Policy#writtenRanges}. */
    long[] writtenRanges(int page, long bytes) {
        int[] written = free.writtenWithin(page, page + layout.pagesFor(bytes));
        long[] ranges = new long[written.length];
        for (int i = 0; i < ranges.length; i++) {
            ranges[i] = layout.pageOffset(written[i]);
        }
        return ranges;
    }

    /** Takes over a block that media has; its pages must be marked used. */
    void enter(int page, int pages) {
        map.putLarge(page, pages);
        blocks.increment();
        pagesTaken.add(pages);
    }

    /** The table word of a block that holds another number of bytes; 0 if there can be none. */
    long resizedValue(long handle, long word, long bytes) {
        int page = layout.pageOf(handle);
        int pages = layout.pagesFor(bytes);
        return pages > layout.pageCount() - page ? 0 : ExtentWord.large(page, pages);
    }

    /** Takes the pages behind a block that a longer one has; says whether all were free. */
    boolean reserveTail(long handle, long word, long longerWord) {
        int page = layout.pageOf(handle);
        int pages = ExtentWord.pages(word);
        int tailPages = ExtentWord.pages(longerWord) - pages;
        if (!extents.takeAt(page + pages, tailPages)) {
            return false;
        }
        region.step("extent.pages-taken");
        if (!layout.ensureBacked(region, page + pages, tailPages, false)) {
            free.giveUnwritten(page + pages, tailPages);
            return false;
        }
        map.resizeLarge(page, pages, pages + tailPages);
        pagesTaken.add(tailPages);
        return true;
    }

    /** Gives the last pages of a block back. */
    void releaseTail(long handle, long longerWord, long shorterWord) {
        int page = layout.pageOf(handle);
        int pages = ExtentWord.pages(shorterWord);
        int tailPages = ExtentWord.pages(longerWord) - pages;
        // Before the pages are free: no other block can be as long as this one was.
        map.resizeLarge(page, pages + tailPages, pages);
        pagesTaken.add(-tailPages);
        region.step("extent.give-pages");
        free.give(page + pages, tailPages);
    }

    /**
     * Gives a block back.
     *
     * @param word its table word: what the block had at the end, whatever it is in DRAM
     * @return whether there was one
     */
    boolean release(long handle, long word) {
        int page = layout.pageOf(handle);
        if (!startsAt(page, handle) || map.removeLarge(page) == 0) {
            return false;
        }
        int pages = ExtentWord.pages(word);
        region.step("extent.give-pages");
        if (!extents.keep(page, pages)) {
            blocks.decrement();
            pagesTaken.add(-pages);
            extents.give(page, pages);
        }
        return true;
    }

    long stateField(int page, long handle) {
        return startsAt(page, handle) ? StateField.of(layout.wordOffset(page), 0, Long.SIZE) : StateField.NONE;
    }

    /** The table word of the block, 0 if there is none. */
    long allocatedValue(int page, long handle) {
        return startsAt(page, handle) ? ExtentWord.large(page, map.largePagesAt(page)) : 0;
    }

    long liveBlocks() {
        // Not below 0 though the two are looked at one after the other.
        return Math.max(0, blocks.sum() + extents.keptBlocksOut());
    }

    long liveBytes() {
        return Math.max(0, pagesTaken.sum() + extents.keptPagesOut()) << layout.pageShift();
    }

    private boolean startsAt(int page, long handle) {
        return page >= 0 && handle == layout.pageOffset(page) && map.largePagesAt(page) > 0;
    }
}
