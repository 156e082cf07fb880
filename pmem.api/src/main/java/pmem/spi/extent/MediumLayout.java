package pmem.spi.extent;

import pmem.spi.Region;
import pmem.spi.TagFloat;

/**
 * Where the tags and the blocks of a segment of medium blocks are. A segment is an extent of the table; it is cut into units, and
 * a block is a run of units.
 *
 * <table>
 * <caption>Segment of medium blocks</caption>
 * <tr><th>offset</th><th>size</th><th>field</th><th>written when, and in which order</th></tr>
 * <tr><td>colour x 64 + i</td><td>1</td><td>tag of unit {@code i}: length of the block that starts there ({@code TagFloat}), else 0</td><td>all 0 when the segment is made, durable before its table word; a tag when its block is allocated, resized or freed, after the table word is durable</td></tr>
 * <tr><td>firstUnit x unitBytes</td><td>unitBytes each</td><td>units</td><td>by the owner of a block</td></tr>
 * </table>
 *
 * <p>Units are numbered from the start of the segment. Those before {@code firstUnit} hold the tags, of which there are as many as
 * units, rounded up to whole lines; their own tags and those after the last unit are 0. In a segment of 16 KiB or more the tags
 * start on one of several lines ({@link LineColours}): on four at least, if need be for one unit more than they need.
 *
 * @param extents where the pages are
 * @param unitShift binary logarithm of the size of a unit, which is at least a line and at most a page
 * @param colours number of lines over which the tags of segments are spread at most, a power of two
 * @param alwaysSpare whether a segment of 16 KiB or more has that further unit in any case, as in earlier pools
 */
record MediumLayout(ExtentTableLayout extents, int unitShift, int colours, boolean alwaysSpare) {
    /** Most bytes of a segment in a large space, unless the plan's segments are longer anyway. */
    static final int LONGEST_BYTES = 1 << 20;

    private static final int COLOURED_BYTES_MIN = 16_384;
    private static final int SPARE_LINES_MIN = 3;
    private static final int TAG_SHIFT = 3;
    private static final int UNITS_BOUND = 1 << 30;

    /** Number of units of a segment, those of the tags among them. */
    int unitCount(int pages) {
        return pages << (extents.pageShift() - unitShift);
    }

    /** The first unit that a block can have. */
    int firstUnit(int pages) {
        int units = (tagBytes(pages) + unitBytes() - 1) >>> unitShift;
        boolean hasFurther = isColoured(pages) && (alwaysSpare || spareLines(units, pages) < SPARE_LINES_MIN);
        return hasFurther ? units + 1 : units;
    }

    private int spareLines(int units, int pages) {
        return ((units << unitShift) - tagBytes(pages)) / Region.LINE_BYTES;
    }

    /** Size of the tags, whole lines. */
    int tagBytes(int pages) {
        return (unitCount(pages) + Region.LINE_BYTES - 1) & -Region.LINE_BYTES;
    }

    /** Offset in the region of the tag of unit 0. */
    long tagsOffset(int firstPage, int pages) {
        int linesFree = 1 + spareLines(firstUnit(pages), pages);
        int places = isColoured(pages) ? Math.min(colours, Integer.highestOneBit(linesFree)) : 1;
        return extents.pageOffset(firstPage) + (long) LineColours.of(firstPage, places) * Region.LINE_BYTES;
    }

    /** Number of units that hold so many bytes. */
    long unitsFor(long bytes) {
        return ((bytes - 1) >>> unitShift) + 1;
    }

    /** Length in pages of the shortest segment in which so many units are in a row. */
    int pagesFor(int units) {
        int pages = 1;
        while (unitCount(pages) - firstUnit(pages) < units) {
            pages++;
        }
        return pages;
    }

    /** The length in pages, at least one and at most another, of which blocks of so many units leave the smallest part over. */
    int pagesOfLeastWaste(int units, int fromPages, int toPages) {
        int best = fromPages;
        for (int pages = fromPages + 1; pages <= toPages; pages++) {
            // Blocks by pages, compared in whole numbers.
            if ((long) blocksIn(pages, units) * best > (long) blocksIn(best, units) * pages) {
                best = pages;
            }
        }
        return best;
    }

    private int blocksIn(int pages, int units) {
        return (unitCount(pages) - firstUnit(pages)) / units;
    }

    /** Length in pages that segments should have, and the largest block whatever its alignment fits. */
    int ordinaryPages(MediumPlan plan) {
        int mostUnits = (int) TagFloat.lengthUnits(TagFloat.tagFor(unitsFor(plan.mostBytes())));
        int unitsInPage = unitCount(1);
        return Math.max(extents.pagesFor(plan.segmentBytes()), pagesFor(mostUnits + unitsInPage - 1));
    }

    /** The same in a space of a number of pages, in which a part is more than that. */
    int ordinaryPages(MediumPlan plan, int spacePages) {
        int part = plan.segments() == 0 ? 0 : spacePages / plan.segments();
        return Math.max(ordinaryPages(plan), Math.min(part, extents.pagesFor(LONGEST_BYTES)));
    }

    /** Most pages that a segment can have in a space of any size: so many more that a further block fits. */
    int mostPages(MediumPlan plan) {
        return ordinaryPages(plan, Integer.MAX_VALUE) + extents.pagesFor(plan.mostBytes());
    }

    /** Whether there can be a segment of so many pages. */
    boolean isPossible(int pages, MediumPlan plan) {
        return pages <= mostPages(plan) && unitCount(pages) > firstUnit(pages);
    }

    /** Size of a unit. */
    int unitBytes() {
        return 1 << unitShift;
    }

    /** Usable bytes of a block, by its tag. */
    long bytesOf(long tag) {
        return TagFloat.lengthUnits((int) tag) << unitShift;
    }

    /** Number of units of a block, by its tag; for a tag that only damage makes, more than a segment has. */
    static int unitsOf(long tag) {
        return (int) Math.min(UNITS_BOUND, TagFloat.lengthUnits((int) tag));
    }

    /** The tag of a unit, among the words of all tags. */
    static int tagAt(long[] words, int unit) {
        return (int) (words[unit / Long.BYTES] >>> (unit % Long.BYTES << TAG_SHIFT)) & TagFloat.TAG_MAX;
    }

    private boolean isColoured(int pages) {
        return colours > 1 && (long) pages << extents.pageShift() >= COLOURED_BYTES_MIN;
    }
}
