package pmem.spi.extent;

import java.util.Optional;
import pmem.spi.Policy;
import pmem.spi.Region;

/** Gives the storage of free pages back to the system, while others take and give pages. */
final class ExtentTrim {
    /** So much is out of the free space at once. */
    private static final long TRIM_BYTES = 64L << 20;

    private final Region region;
    private final ExtentTableLayout layout;
    private final FreeExtents free;

    ExtentTrim(Region region, ExtentTableLayout layout, FreeExtents free) {
        this.region = region;
        this.layout = layout;
        this.free = free;
    }

    /**
     * Passes on runs of free pages, each taken for the time of its call, as {@link Policy#trim}.
     *
     * @return bytes given back
     */
    long run(long leastBytes, Policy.FreeRun receiver) {
        int leastPages = layout.pagesFor(leastBytes);
        int mostPages = Math.max(leastPages, layout.pagesFor(TRIM_BYTES));
        long released = 0;
        free.giveKeptBack();
        Optional<FreePages.Run> run = free.takeFrom(0, leastPages, mostPages, this::mayHaveLeftovers);
        while (run.isPresent()) {
            int page = run.get().page();
            int pages = run.get().endPage() - page;
            region.step("extent.trim");
            try {
                long bytes = receiver.release(layout.pageOffset(page), (long) pages << layout.pageShift());
                noteReleased(page, bytes);
                released += bytes;
            } finally {
                free.giveUnwritten(page, pages);
            }
            run = free.takeFrom(page + pages, leastPages, mostPages, this::mayHaveLeftovers);
        }
        return released;
    }

    /** As {@link ExtentPolicy#forEachFreeRange}, of the pages that the layout has. */
    void forEachFreeRange(ExtentPolicy.RangeVisitor visitor) {
        PageBits used = free.snapshot(false);
        int pageCount = layout.pageCount();
        int page = used.next(0, pageCount, false);
        while (page < pageCount) {
            int end = page;
            while (end < pageCount && !used.isBlankAt(end) && !used.get(end)) {
                end = used.next(end, ExtentMap.endOfPart(end, pageCount), true);
            }
            if (end > page) {
                visitor.visit(layout.pageOffset(page), layout.pageOffset(end));
            }
            page = used.next(end == page ? ExtentMap.endOfPart(page, pageCount) : end, pageCount, false);
        }
    }

    /** As {@link ExtentPolicy#releaseIfFree}. */
    boolean releaseIfFree(long offset, long endOffset, Policy.FreeRun receiver) {
        int page = layout.pageOf(offset);
        int pages = (int) ((endOffset - offset) >>> layout.pageShift());
        if (!free.borrow(page, pages)) {
            return false;
        }
        region.step("extent.trim");
        try {
            noteReleased(page, receiver.release(offset, endOffset - offset));
        } finally {
            free.giveBorrowed(page, pages);
        }
        return true;
    }

    // Memory comes again as zeros. A file is asked for its holes when it matters.
    private void noteReleased(int page, long bytes) {
        long step = region.storageStepBytes();
        long start = (layout.pageOffset(page) + step - 1) & -step;
        if (region.isTransient() && bytes > 0 && step >= layout.pageBytes()) {
            int first = page + (int) ((start - layout.pageOffset(page)) >>> layout.pageShift());
            free.noteZero(first, (int) (bytes >>> layout.pageShift()));
        }
    }

    private boolean mayHaveLeftovers(int page, int endPage) {
        return !region.isTransient()
                && region.usedRanges(layout.pageOffset(page), layout.pageOffset(endPage)).length > 0;
    }
}
