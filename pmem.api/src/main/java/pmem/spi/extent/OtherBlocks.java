package pmem.spi.extent;

import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import pmem.api.BlockVisitor;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.StateField;

/** The blocks that are in no slab: large ones, and medium ones if the policy has them. Thread-safe. */
final class OtherBlocks {
    /** Table words of large blocks have bits above; values of a tag or a bit have none. */
    private static final long TAG_MAX = 0xff;

    private final Region region;
    private final ExtentTableLayout layout;
    private final LargeBlocks large;
    private final @Nullable MediumBlocks medium;
    private final ExtentMap<?> map;
    /** Largest block that may be a medium one. */
    private final long mediumBytes;

    OtherBlocks(
            Region region,
            ExtentTableLayout layout,
            FreeExtents free,
            ExtentMap<?> map,
            Optional<MediumPlan> mediumPlan) {
        this.region = region;
        this.layout = layout;
        this.map = map;
        large = new LargeBlocks(region, layout, free, map);
        mediumBytes = mediumPlan.map(MediumPlan::mostBytes).orElse(0L);
        medium = mediumPlan
                .map(plan -> new MediumBlocks(region, layout, free, plan))
                .orElse(null);
    }

    LargeBlocks large() {
        return large;
    }

    @Nullable
    MediumBlocks medium() {
        return medium;
    }

    /** A block by its size: medium or large; of a NUMA node as long as that has room. */
    long reserve(long bytes, long alignmentBytes, int node) {
        long handle = medium == null ? Handles.NONE : medium.reserve(bytes, alignmentBytes, node);
        return handle != Handles.NONE ? handle : large.reserve(bytes, alignmentBytes, node);
    }

    /** A large block that is allocated in one step; {@link Handles#NONE} if none of its length is kept, or it would be a medium one. */
    long allocateAtOnce(long bytes, int node) {
        return bytes > mediumBytes ? large.allocateAtOnce(bytes, node) : Handles.NONE;
    }

    /** A block wherever there is room for one. */
    long reserveInShortage(long bytes, long alignmentBytes, int node) {
        long handle = medium == null ? Handles.NONE : medium.reserveExisting(bytes, alignmentBytes, node);
        return handle != Handles.NONE ? handle : large.reserve(bytes, alignmentBytes, node);
    }

    boolean dropEmpty() {
        return medium != null && medium.dropEmpty();
    }

    boolean release(int page, long handle, long allocatedValue) {
        boolean isMedium = medium != null && page >= 0 && medium.release(page, handle, allocatedValue);
        return isMedium || large.release(handle, allocatedValue);
    }

    long stateField(int page, long handle) {
        MediumSegment segment = segmentAt(page);
        return segment == null ? large.stateField(page, handle) : segment.stateField(handle);
    }

    /** The value of an allocated block that was reserved with a size; {@link StateField#NONE} if none can start there. */
    long allocatedValue(int page, long handle, long bytes) {
        return medium != null && segmentAt(page) != null
                ? medium.allocatedValue(bytes)
                : large.allocatedValue(page, handle);
    }

    /** As {@link pmem.spi.Policy#resizedValue}, for a block that is in no slab. */
    long resizedValue(int page, long handle, long allocatedValue, long bytes) {
        if (isLarge(allocatedValue)) {
            return large.resizedValue(handle, allocatedValue, bytes);
        }
        MediumSegment segment = segmentAt(page);
        return medium == null || segment == null ? 0 : medium.resizedTag(segment, handle, bytes);
    }

    /** As {@link pmem.spi.Policy#reserveTail}, for a block that is in no slab. */
    boolean reserveTail(int page, long handle, long allocatedValue, long largerValue) {
        if (isLarge(allocatedValue)) {
            return large.reserveTail(handle, allocatedValue, largerValue);
        }
        MediumSegment segment = segmentAt(page);
        return medium != null && segment != null && medium.reserveTail(segment, handle, allocatedValue, largerValue);
    }

    /** As {@link pmem.spi.Policy#releaseTail}, for a block that is in no slab. */
    void releaseTail(int page, long handle, long largerValue, long smallerValue) {
        if (isLarge(largerValue)) {
            large.releaseTail(handle, largerValue, smallerValue);
            return;
        }
        MediumSegment segment = segmentAt(page);
        if (medium == null || segment == null) {
            throw SlabExtent.notClaimed(handle);
        }
        medium.releaseTail(segment, handle, largerValue, smallerValue);
    }

    /** Whether a value of a state field is that of a large block. */
    static boolean isLarge(long allocatedValue) {
        return (allocatedValue & ~TAG_MAX) != 0;
    }

    /** Usable bytes of a medium block, 0 if there is none on a page. */
    long mediumBytes(int page, long tag) {
        return medium == null || segmentAt(page) == null ? 0 : medium.usableBytes(tag);
    }

    private @Nullable MediumSegment segmentAt(int page) {
        return medium == null || page < 0 ? null : medium.segmentAt(page);
    }

    boolean isBlankAt(int page) {
        return medium == null || medium.isBlankAt(page);
    }

    /** The page of the table word by which a block is found, beside its state field; -1 if there is none. */
    int pageOfWord(int page) {
        MediumSegment segment = segmentAt(page);
        return segment == null ? -1 : segment.firstPage();
    }

    /** Visits the blocks of the extent that starts with a page, if any; returns the page after it. */
    int visit(int page, BlockVisitor visitor) {
        MediumSegment segment = segmentAt(page);
        if (medium != null && segment != null) {
            if (segment.firstPage() == page) {
                medium.visit(segment, visitor);
            }
            return segment.firstPage() + segment.pageCount();
        }
        int pages = map.largePagesAt(page);
        if (pages > 0 && region.loadAcquire(layout.wordOffset(page)) == ExtentWord.large(page, pages)) {
            visitor.visit(layout.pageOffset(page), (long) pages << layout.pageShift());
        }
        return page + Math.max(1, pages);
    }

    long liveBlocks() {
        return large.liveBlocks() + (medium == null ? 0 : medium.liveBlocks());
    }

    long liveBytes() {
        return large.liveBytes() + (medium == null ? 0 : medium.liveBytes());
    }

    /** Largest medium block there is room for; marks the pages of empty segments as free. */
    long largestFreeBytes(PageBits usedPages) {
        if (medium == null) {
            return 0;
        }
        medium.clearEmpty(usedPages);
        return medium.largestFreeBytes();
    }

    void verifyCounters(Consumer<Finding> findings) {
        if (medium != null) {
            medium.verifier(findings).verifyCounters();
        }
    }
}
