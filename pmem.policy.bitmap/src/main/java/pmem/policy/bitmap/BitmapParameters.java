package pmem.policy.bitmap;

import java.util.List;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyParameters;
import pmem.spi.extent.ExtentParameters;
import pmem.spi.extent.SizeClasses;

/**
 * The chosen parameters of the bitmap policy.
 *
 * @param pageBytes size of a page, a power of two from 256 to 1 MiB
 * @param arenaBytes least size of an arena where room is not short
 * @param ladder which block sizes there are
 * @param largestClassBytes largest block that comes from an arena, a power of two
 * @param emptyArenasKept empty arenas of each class that keep their pages
 * @param threadStripes how many threads can have an arena of each class to themselves, a power of two
 */
record BitmapParameters(
        long pageBytes, long arenaBytes, Ladder ladder, int largestClassBytes, int emptyArenasKept, int threadStripes) {

    /** The block sizes there are. */
    enum Ladder {
        /** Steps of 16 bytes to 128, then four steps a doubling: a block above 128 bytes wastes less than a fifth. */
        FINE,
        /** Powers of two from 64: fewer classes, bitmaps a quarter as long, up to half of a block wasted. */
        POWERS_OF_TWO
    }

    private static final long FINE_RECORDED = 0;
    private static final long POWERS_RECORDED = 1;
    private static final int FINE_STEPS_PER_DOUBLING = 4;
    private static final int POWERS_SMALLEST_BYTES = 64;

    private static final PolicyParameter ARENA_BYTES = new PolicyParameter(
            "arenaBytes",
            16_384,
            256,
            64 << 20,
            true,
            "Least size of an arena in bytes, rounded up to pages; arenas of large classes are longer, to hold 4 blocks.");
    private static final PolicyParameter LADDER = new PolicyParameter(
            "ladder",
            FINE_RECORDED,
            FINE_RECORDED,
            POWERS_RECORDED,
            false,
            "Block sizes: 0 is steps of 16 to 128 bytes and then four steps a doubling, 1 is powers of two from 64.");
    private static final PolicyParameter LARGEST_CLASS_BYTES = ExtentParameters.largestClassBytes(16_384);
    private static final PolicyParameter EMPTY_ARENAS_KEPT = new PolicyParameter(
            "emptyArenasKept",
            1,
            0,
            1024,
            false,
            "Number of empty arenas of each block size that keep their pages until room is short.");
    private static final PolicyParameter THREAD_STRIPES = new PolicyParameter(
            "threadStripes",
            16,
            1,
            256,
            true,
            "Number of threads that can have an arena of each block size to themselves while room is not short.");

    static final List<PolicyParameter> DECLARED = List.of(
            ExtentParameters.PAGE_BYTES, ARENA_BYTES, LADDER, LARGEST_CLASS_BYTES, EMPTY_ARENAS_KEPT, THREAD_STRIPES);

    static BitmapParameters of(PolicyParameters values) {
        return new BitmapParameters(
                values.get(ExtentParameters.PAGE_BYTES.name()),
                values.get(ARENA_BYTES.name()),
                values.get(LADDER.name()) == FINE_RECORDED ? Ladder.FINE : Ladder.POWERS_OF_TWO,
                (int) values.get(LARGEST_CLASS_BYTES.name()),
                (int) values.get(EMPTY_ARENAS_KEPT.name()),
                (int) values.get(THREAD_STRIPES.name()));
    }

    SizeClasses sizeClasses() {
        return switch (ladder) {
            case FINE -> SizeClasses.stepped(FINE_STEPS_PER_DOUBLING, largestClassBytes);
            case POWERS_OF_TWO -> SizeClasses.powersOfTwo(POWERS_SMALLEST_BYTES, largestClassBytes);
        };
    }

    /** A page needs a bit for each of the smallest blocks that fit it. */
    int bitsPerPage() {
        int smallest = ladder == Ladder.FINE ? SizeClasses.GRANULE_BYTES : POWERS_SMALLEST_BYTES;
        return (int) pageBytes / smallest;
    }
}
