package pmem.policy.buddy;

import pmem.spi.Region;
import pmem.spi.TagFloat;

/**
 * Finds heads of blocks in the head-tag map, eight tags at a time, in those parts of it that may hold any. For one thread; others
 * may change tags meanwhile.
 */
final class HeadCursor {
    private final Region region;
    private final HeadTagLayout layout;
    private final long[] ranges;
    private int range;
    private long unit;
    private int tag;

    /** A cursor over these ranges of the map, as {@link Region#usedRanges} gives them. */
    HeadCursor(Region region, HeadTagLayout layout, long[] ranges) {
        this.region = region;
        this.layout = layout;
        this.ranges = ranges;
    }

    /**
     * Moves to the first unit from a number on whose tag is not 0; numbers only grow from call to call. Unused tags at the end of
     * the map count too: damage there is found like any other.
     *
     * @return whether there is one
     */
    boolean seek(long fromUnit) {
        long next = fromUnit;
        while (range < ranges.length) {
            next = Math.max(next, layout.unitOfTag(ranges[range]));
            long endUnit = layout.unitOfTag(ranges[range + 1]);
            while (next < endUnit) {
                if (seekInWord(next)) {
                    return true;
                }
                next = layout.firstUnitOfWord(next) + HeadTagLayout.TAGS_PER_WORD;
            }
            range += 2;
        }
        return false;
    }

    /** As {@link #seek}, looking no further than the word that the number's tag is in; there is one. */
    boolean seekInWord(long fromUnit) {
        // pairs with: the compare-and-set by which the pool publishes or frees; a tag alone says everything.
        long word = layout.fromUnit(region.loadAcquire(layout.wordOffset(fromUnit)), fromUnit);
        if (word == 0) {
            return false;
        }
        int position = HeadTagLayout.firstTagPosition(word);
        unit = layout.firstUnitOfWord(fromUnit) + position;
        tag = HeadTagLayout.tagAt(word, position);
        return true;
    }

    /** Number of the unit the last successful search found. */
    long unit() {
        return unit;
    }

    /** Its tag, not 0. */
    int tag() {
        return tag;
    }

    /** Length of the block that starts there. */
    long lengthUnits() {
        return TagFloat.lengthUnits(tag);
    }
}
