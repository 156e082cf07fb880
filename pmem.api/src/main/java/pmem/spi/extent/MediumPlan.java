package pmem.spi.extent;

import pmem.spi.PersistPoint;

/**
 * How a policy wants its medium blocks.
 *
 * @param unitBytes size of a unit, a power of two, at least a line and at most a page
 * @param leastBytes smallest block that is asked for as a run of units while there is room
 * @param mostBytes largest block that is a run of units while there is room
 * @param segmentBytes length of a segment, rounded up to pages, to what the largest block needs, and to where a block of the size
 *     asked for ends; shorter where room is short
 * @param segments a segment takes one part in so many of the space if that is more, up to {@link MediumLayout#LONGEST_BYTES}; 0 for
 *     the same length in spaces of any size, and segments laid out as in earlier pools
 * @param colours number of lines over which tags are spread, a power of two up to 32
 * @param heaps number of heaps that threads are divided among, a power of two
 * @param emptyKept how many empty segments of a heap keep their pages
 * @param cleared passed when the tags of a new segment are 0
 * @param created passed when a segment has its table word
 * @param dropped passed when empty segments have lost theirs
 */
public record MediumPlan(
        int unitBytes,
        long leastBytes,
        long mostBytes,
        long segmentBytes,
        int segments,
        int colours,
        int heaps,
        int emptyKept,
        PersistPoint cleared,
        PersistPoint created,
        PersistPoint dropped) {
    private static final int GRANULE_SHIFT_MAX = 6;

    /** Where the tags and blocks of its segments are. */
    MediumLayout layout(ExtentTableLayout extents) {
        return new MediumLayout(extents, Integer.numberOfTrailingZeros(unitBytes), colours, segments == 0);
    }

    /** Binary logarithm of a number of units that no block asked for is shorter than. */
    int granuleShift() {
        long leastUnits = (leastBytes + unitBytes - 1) / unitBytes;
        return Math.min(GRANULE_SHIFT_MAX, Long.SIZE - 1 - Long.numberOfLeadingZeros(leastUnits));
    }
}
