package pmem.spi.extent;

import java.util.concurrent.atomic.LongAdder;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Blocks that are runs of whole pages. The state field of such a block is the table word of its first page, so reserving one
 * changes DRAM only. Thread-safe.
 */
final class LargeBlocks {
    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;
    private final ExtentMap<?> map;
    private final LongAdder blocks = new LongAdder();
    private final LongAdder pagesTaken = new LongAdder();

    LargeBlocks(Region region, ExtentTableLayout layout, FreeExtents free, ExtentMap<?> map) {
        this.region = region;
        this.layout = layout;
        this.free = free;
        this.map = map;
    }

    long reserve(long bytes, long alignmentBytes) {
        int pages = layout.pagesFor(bytes);
        int page = free.take(pages, Math.max(1, alignmentBytes >>> layout.pageShift()));
        if (page < 0) {
            return Handles.NONE;
        }
        region.step("extent.pages-taken");
        if (!layout.ensureBacked(region, page, pages, false)) {
            free.give(page, pages);
            return Handles.NONE;
        }
        enter(page, pages);
        return layout.pageOffset(page);
    }

    /** Takes over a block that media has; its pages must be marked used. */
    void enter(int page, int pages) {
        map.putLarge(page, pages);
        blocks.increment();
        pagesTaken.add(pages);
    }

    /**
     * Gives a block back.
     *
     * @return whether there was one
     */
    boolean release(long handle) {
        int page = layout.pageOf(handle);
        int pages = startsAt(page, handle) ? map.removeLarge(page) : 0;
        if (pages == 0) {
            return false;
        }
        blocks.decrement();
        pagesTaken.add(-pages);
        region.step("extent.give-pages");
        free.give(page, pages);
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
        return blocks.sum();
    }

    long liveBytes() {
        return pagesTaken.sum() << layout.pageShift();
    }

    private boolean startsAt(int page, long handle) {
        return page >= 0 && handle == layout.pageOffset(page) && map.largePagesAt(page) > 0;
    }
}
