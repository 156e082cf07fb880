package pmem.spi.extent;

import org.jspecify.annotations.Nullable;

/** A run of pages that one table word describes and that is cut into blocks, in DRAM. */
public abstract class Extent {
    private final int firstPage;
    private final int pageCount;

    /** Place among the extents of the {@link ExtentMap}; guarded as the map is. */
    private int number;

    Extent(int firstPage, int pageCount) {
        this.firstPage = firstPage;
        this.pageCount = pageCount;
    }

    /** First page. */
    public final int firstPage() {
        return firstPage;
    }

    /** Length in pages. */
    public final int pageCount() {
        return pageCount;
    }

    final int number() {
        return number;
    }

    final void setNumber(int inMap) {
        number = inMap;
    }

    /** Whether this is the very extent, not one that came to the same pages later. */
    @SuppressWarnings("ReferenceEquality")
    final boolean is(@Nullable Extent other) {
        return this == other;
    }
}
