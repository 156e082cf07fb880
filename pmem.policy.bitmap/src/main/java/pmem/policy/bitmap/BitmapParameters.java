package pmem.policy.bitmap;

import java.util.List;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyParameters;
import pmem.spi.extent.ExtentParameters;
import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.SizeClasses;

/**
 * The chosen parameters of the bitmap policy.
 *
 * @param pageBytes size of a page, a power of two from 256 to 1 MiB
 * @param arenaBytes size up to which arenas grow
 * @param ladder which block sizes there are
 * @param largestClassBytes largest block that comes from an arena, a power of two
 * @param emptyArenasKept empty arenas of each class that keep their pages
 * @param threadStripes how many threads can have an arena of each class to themselves, a power of two
 * @param denseFromBytes size from which on blocks have their state in the page bits, a power of two
 * @param growth a new arena holds one part in so many of the blocks of its class; 0 for arenas of full size at once
 * @param rotation how much of locality is given up for lines that wear equally
 * @param lendPercent percent of a page that a size may waste in blocks of the next larger one before it gets another arena
 */
record BitmapParameters(
        long pageBytes,
        long arenaBytes,
        Ladder ladder,
        int largestClassBytes,
        int emptyArenasKept,
        int threadStripes,
        int denseFromBytes,
        int growth,
        Rotation rotation,
        int lendPercent) {

    /** What is given up for lines that wear equally. */
    enum Rotation {
        /** The first free block is reused. */
        LOCALITY,
        /** Blocks and arenas take turns. */
        TURNS,
        /** As {@link #TURNS}, and a line has the states of at most 64 blocks. */
        WEAR
    }

    /** The block sizes there are. */
    enum Ladder {
        /** Steps of 16 bytes to 128, then four steps a doubling: a block above 128 bytes wastes less than a fifth. */
        FOUR_STEPS,
        /** Powers of two from 64: fewer classes, up to half of a block wasted. */
        POWERS_OF_TWO,
        /** Steps of 16 bytes to 128, then eight steps a doubling: a block above 128 bytes wastes less than a ninth. */
        EIGHT_STEPS;

        static Ladder recordedAs(long value) {
            return value == POWERS_RECORDED ? POWERS_OF_TWO : value == EIGHT_RECORDED ? EIGHT_STEPS : FOUR_STEPS;
        }
    }

    private static final long FOUR_RECORDED = 0;
    private static final long POWERS_RECORDED = 1;
    private static final long EIGHT_RECORDED = 2;

    private static final int POWERS_SMALLEST_BYTES = 64;
    private static final int PERCENT = 100;
    private static final int LEND_MAX = 1_000_000;

    private static final PolicyParameter ARENA_BYTES = new PolicyParameter(
            "arenaBytes",
            1 << 20,
            256,
            64 << 20,
            true,
            "Size in bytes up to which arenas grow, rounded up to pages; arenas of large classes are longer, to hold 4 blocks.");
    private static final PolicyParameter LADDER = new PolicyParameter(
            "ladder",
            EIGHT_RECORDED,
            FOUR_RECORDED,
            EIGHT_RECORDED,
            false,
            "Block sizes: 0 is steps of 16 to 128 bytes and then four steps a doubling, 1 is powers of two from 64, 2 is as 0"
                    + " with eight steps.");
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

    private static final PolicyParameter DENSE_FROM_BYTES = new PolicyParameter(
            "denseFromBytes",
            64,
            16,
            4096,
            true,
            "Blocks of at least this size have their state in the page bits, smaller ones in a header of their arena.",
            16);
    private static final PolicyParameter GROWTH = new PolicyParameter(
            "growth",
            16,
            0,
            1024,
            false,
            "A new arena holds one part in so many of the blocks that its size has; 0 makes all arenas of full size.");
    private static final PolicyParameter ROTATION = new PolicyParameter(
            "rotation",
            1,
            0,
            2,
            false,
            "Locality against wear: 0 reuses the first free block, 1 lets blocks and arenas take turns, 2 also keeps the states"
                    + " of at most 64 blocks in a line.");
    private static final PolicyParameter LEND = new PolicyParameter(
            "lendPercent",
            25,
            0,
            LEND_MAX,
            false,
            "Percent of a page that a block size may waste in free blocks of the next larger one before it gets another arena: 0"
                    + " takes none of them, 1000000 takes all.");

    static final List<PolicyParameter> DECLARED = List.of(
            ExtentParameters.PAGE_BYTES,
            ARENA_BYTES,
            LADDER,
            LARGEST_CLASS_BYTES,
            EMPTY_ARENAS_KEPT,
            THREAD_STRIPES,
            DENSE_FROM_BYTES,
            GROWTH,
            ROTATION,
            LEND);

    static BitmapParameters of(PolicyParameters values) {
        long pageBytes = values.get(ExtentParameters.PAGE_BYTES.name());
        return new BitmapParameters(
                pageBytes,
                values.get(ARENA_BYTES.name()),
                Ladder.recordedAs(values.get(LADDER.name())),
                (int) values.get(LARGEST_CLASS_BYTES.name()),
                (int) values.get(EMPTY_ARENAS_KEPT.name()),
                (int) values.get(THREAD_STRIPES.name()),
                (int) Math.min(pageBytes, values.get(DENSE_FROM_BYTES.name())),
                (int) values.get(GROWTH.name()),
                Rotation.values()[(int) values.get(ROTATION.name())],
                (int) values.get(LEND.name()));
    }

    SizeClasses sizeClasses() {
        return switch (ladder) {
            case FOUR_STEPS -> SizeClasses.stepped(4, largestClassBytes);
            case EIGHT_STEPS -> SizeClasses.stepped(8, largestClassBytes);
            case POWERS_OF_TWO -> SizeClasses.powersOfTwo(POWERS_SMALLEST_BYTES, largestClassBytes);
        };
    }

    /** Where states and blocks of arenas are. */
    ArenaLayout arenaLayout(ExtentTableLayout extents) {
        return new ArenaLayout(extents, spread() ? spreadFromBytes() : denseFromBytes, spread());
    }

    private boolean spread() {
        return rotation == Rotation.WEAR;
    }

    /** The smallest blocks that have no more than eight a word of page bits. */
    private int spreadFromBytes() {
        return (int)
                Math.min(pageBytes, Math.max(denseFromBytes, ArenaLayout.SPREAD_STATES * pageBytes / bitsPerPage()));
    }

    /** Bytes that a size may waste in blocks of the next larger one before it gets another arena. */
    long lentBytesMax() {
        return lendPercent == LEND_MAX ? Long.MAX_VALUE : pageBytes * lendPercent / PERCENT;
    }

    /** Whether the blocks of an arena take turns. */
    boolean rotating() {
        return rotation != Rotation.LOCALITY;
    }

    /** A page needs a bit for each of the smallest blocks that have their state there. */
    int bitsPerPage() {
        int smallest = ladder == Ladder.POWERS_OF_TWO ? POWERS_SMALLEST_BYTES : SizeClasses.GRANULE_BYTES;
        int bits = (int) pageBytes / Math.max(smallest, denseFromBytes);
        return spread() ? Math.max(Long.SIZE, bits) : bits;
    }
}
