package pmem.mapping;

import java.util.Arrays;

/** Finds out which parts of a file have no written blocks and so read as zero. */
final class Holes {
    private static final int RANGES_AT_START = 4;
    /** A shorter hole costs more to find than to read. */
    private static final long HOLE_BYTES_MIN = 64 << 10;

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
            long hole = data < 0 ? data : Posix.nextHole(descriptor, data);
            if (hole < 0) {
                // It cannot be asked after all: nothing more is known of what follows.
                data = at;
                hole = endOffset;
            }
            long start = Math.max(offset, data & ~WORD_MASK);
            long end = Math.min(endOffset, (hole + WORD_MASK) & ~WORD_MASK);
            if (count > 0 && start - ranges[count - 1] < HOLE_BYTES_MIN) {
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
