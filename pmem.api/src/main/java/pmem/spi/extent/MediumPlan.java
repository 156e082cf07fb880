package pmem.spi.extent;

import pmem.spi.PersistPoint;

/**
 * How a policy wants its medium blocks.
 *
 * @param unitBytes size of a unit, a power of two, at least a line and at most a page
 * @param mostBytes largest block that is a run of units while there is room
 * @param segmentBytes length of a segment, rounded up to pages, to what the largest block needs, and to where a block of the size
 *     asked for ends; shorter where room is short
 * @param colours number of lines over which tags are spread, a power of two up to 32
 * @param heaps number of heaps that threads are divided among, a power of two
 * @param emptyKept how many empty segments of a heap keep their pages
 * @param cleared passed when the tags of a new segment are 0
 * @param created passed when a segment has its table word
 * @param dropped passed when empty segments have lost theirs
 */
public record MediumPlan(
        int unitBytes,
        long mostBytes,
        long segmentBytes,
        int colours,
        int heaps,
        int emptyKept,
        PersistPoint cleared,
        PersistPoint created,
        PersistPoint dropped) {
    /** Where the tags and blocks of its segments are. */
    MediumLayout layout(ExtentTableLayout extents) {
        return new MediumLayout(extents, Integer.numberOfTrailingZeros(unitBytes), colours);
    }
}
