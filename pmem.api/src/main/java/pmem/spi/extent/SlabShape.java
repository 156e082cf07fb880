package pmem.spi.extent;

import java.util.function.IntUnaryOperator;

/** Chooses how many pages a slab takes, so that little is left over after its last block. */
public final class SlabShape {
    private static final int CANDIDATES_MAX = 16;
    /** A remainder of one part in so many is good enough. */
    private static final int GOOD_ENOUGH = 64;

    private SlabShape() {}

    /**
     * The length with the smallest share of left-over bytes among those from the wanted length to twice that.
     *
     * @param pageBytes page size
     * @param wantedBytes least length
     * @param blockBytes size of a block
     * @param blocksMin least number of blocks
     * @param blockCountOfPages number of blocks in a slab of so many pages
     */
    public static int pages(
            long pageBytes, long wantedBytes, int blockBytes, int blocksMin, IntUnaryOperator blockCountOfPages) {
        int least = (int) Math.max(1, (wantedBytes + pageBytes - 1) / pageBytes);
        while (blockCountOfPages.applyAsInt(least) < blocksMin) {
            least++;
        }
        int best = least;
        double bestShare = 1;
        for (int pages = least; pages <= 2 * least && pages < least + CANDIDATES_MAX; pages++) {
            long bytes = pages * pageBytes;
            double share = 1 - (double) blockCountOfPages.applyAsInt(pages) * blockBytes / bytes;
            if (share < bestShare) {
                bestShare = share;
                best = pages;
            }
            if (bestShare * GOOD_ENOUGH <= 1) {
                break;
            }
        }
        return best;
    }
}
