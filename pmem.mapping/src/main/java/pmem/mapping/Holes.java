package pmem.mapping;

import java.util.Arrays;

/** Finds out which parts of a file have no written blocks and so read as zero. */
final class Holes {
    private static final int RANGES_AT_START = 4;
    /**
     * What follows written bytes is taken for written up to the next multiple of this. Where they really end is not asked: a memory file
     * system goes through them page by page, to the end of the file if need be, which takes milliseconds.
     */
    private static final long STEP_BYTES = 64 << 10;

    private static final long WORD_MASK = Long.BYTES - 1;

    private Holes() {}

    /** As {@link pmem.spi.Region#usedRanges}, by asking the file system. */
    static long[] usedRanges(int descriptor, long offset, long endOffset) {
        long[] ranges = new long[2 * RANGES_AT_START];
        int count = 0;
        long at = offset;
        while (at < endOffset) {
            long data = Posix.nextData(descriptor, at);
            if (data == -Errno.ENXIO || data >= endOffset) {
                break;
            }
            boolean known = data >= 0;
            long start = known ? Math.max(offset, data & ~WORD_MASK) : at;
            // If it cannot be asked after all, nothing more is known of what follows.
            long end = known ? Math.min(endOffset, (start & -STEP_BYTES) + STEP_BYTES) : endOffset;
            if (count > 0 && start == ranges[count - 1]) {
                ranges[count - 1] = end;
            } else {
                if (count == ranges.length) {
                    ranges = Arrays.copyOf(ranges, 2 * count);
                }
                ranges[count++] = start;
                ranges[count++] = end;
            }
            at = end;
        }
        return Arrays.copyOf(ranges, count);
    }
}
