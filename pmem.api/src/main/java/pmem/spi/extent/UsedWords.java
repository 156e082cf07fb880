package pmem.spi.extent;

import pmem.spi.Region;

/** Reads words of a region, and none of those that are known to be 0, which may have no storage. For ascending offsets. */
final class UsedWords {
    private final Region region;
    private final long[] ranges;
    /** The first range that does not end before the offset asked for last. */
    private int next;

    /** Reads words in ranges as {@link Region#usedRanges} gives them. */
    UsedWords(Region region, long[] ranges) {
        this.region = region;
        this.ranges = ranges;
    }

    /** The word at an offset. */
    long at(long offset) {
        return areZero(offset, offset + Long.BYTES) ? 0 : region.loadAcquire(offset);
    }

    /** Whether all words of a range are known to be 0. */
    boolean areZero(long offset, long endOffset) {
        while (next > 0 && ranges[next - 1] > offset) {
            next -= 2;
        }
        while (next < ranges.length && ranges[next + 1] <= offset) {
            next += 2;
        }
        return next == ranges.length || ranges[next] >= endOffset;
    }
}
