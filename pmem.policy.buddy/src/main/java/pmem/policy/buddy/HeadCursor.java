package pmem.policy.buddy;

import pmem.spi.Region;

/**
 * Finds heads of blocks in the head-tag map, eight tags at a time. For one thread; others may change tags meanwhile.
 */
final class HeadCursor {
    private final Region region;
    private final HeadTagLayout layout;
    private long unit;
    private int tag;

    HeadCursor(Region region, HeadTagLayout layout) {
        this.region = region;
        this.layout = layout;
    }

    /**
     * Moves to the first unit from a number on whose tag is not 0. Unused tags at the end of the map count too: damage
     * there is found like any other.
     *
     * @return whether there is one
     */
    boolean seek(long fromUnit) {
        long next = fromUnit;
        while (next < layout.mapEndUnit()) {
            // pairs with: the compare-and-set by which the pool publishes or frees; a tag alone says everything.
            long word = layout.fromUnit(region.loadAcquire(layout.wordOffset(next)), next);
            long firstOfWord = layout.firstUnitOfWord(next);
            if (word != 0) {
                int position = HeadTagLayout.firstTagPosition(word);
                unit = firstOfWord + position;
                tag = HeadTagLayout.tagAt(word, position);
                return true;
            }
            next = firstOfWord + HeadTagLayout.TAGS_PER_WORD;
        }
        return false;
    }

    /** Number of the unit the last successful {@link #seek} found. */
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
