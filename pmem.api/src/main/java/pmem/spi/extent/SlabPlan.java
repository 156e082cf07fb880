package pmem.spi.extent;

/**
 * How many pages the slabs of each size class take. A slab is as long as wanted or up to twice that, so that little is left
 * over after its last block; where room is short it may be as short as one block needs. Immutable.
 */
public final class SlabPlan {
    /** How many blocks fit a slab, headers taken into account. */
    @FunctionalInterface
    public interface BlockCounter {
        /** Number of blocks of a size in a slab of a length, 0 if not even one fits. */
        int blocks(long slabBytes, int blockBytes);
    }

    private static final int CANDIDATES_MAX = 16;
    /** A remainder of one part in so many is good enough. */
    private static final int GOOD_ENOUGH = 64;

    private final SizeClasses classes;
    private final BlockCounter counter;
    private final long pageBytes;
    private final int[] wantedPages;
    private final int[] leastPages;

    /**
     * Plans the slabs of all classes.
     *
     * @param classes the ladder
     * @param pageBytes page size
     * @param wantedBytes length of a slab, rounded up to pages
     * @param blocksMin least number of blocks of a slab where room is not short
     * @param counter how many blocks fit
     */
    public SlabPlan(SizeClasses classes, long pageBytes, long wantedBytes, int blocksMin, BlockCounter counter) {
        this.classes = classes;
        this.counter = counter;
        this.pageBytes = pageBytes;
        wantedPages = new int[classes.count()];
        leastPages = new int[classes.count()];
        int shortest = 1;
        int ordinary = (int) Math.max(1, (wantedBytes + pageBytes - 1) / pageBytes);
        for (int classIndex = 0; classIndex < classes.count(); classIndex++) {
            // Both only grow with the size, so the next class searches on from here.
            shortest = leastWith(classIndex, 1, shortest);
            ordinary = leastWith(classIndex, blocksMin, ordinary);
            leastPages[classIndex] = shortest;
            wantedPages[classIndex] = shortestGood(classIndex, ordinary);
        }
    }

    /**
     * Length of a slab of a class in pages.
     *
     * @param pagesMax how many pages it should take at most; it takes more only if not even one block fits
     */
    public int wantedPages(int classIndex, int pagesMax) {
        if (wantedPages[classIndex] <= pagesMax) {
            return wantedPages[classIndex];
        }
        int most = Math.max(leastPages[classIndex], pagesMax);
        return leastWaste(classIndex, Math.max(leastPages[classIndex], (most + 1) / 2), most);
    }

    /** Length of the shortest slab of a class in pages. */
    public int leastPages(int classIndex) {
        return leastPages[classIndex];
    }

    /** Number of blocks in a slab of a class, 0 if not even one fits. */
    public int blockCount(int classIndex, int pages) {
        return counter.blocks(pages * pageBytes, classes.bytes(classIndex));
    }

    private int leastWith(int classIndex, int blocks, int from) {
        int pages = from;
        while (blockCount(classIndex, pages) < blocks) {
            pages++;
        }
        return pages;
    }

    /** The shortest length that leaves little over, from the given one to twice that, or else the best of these. */
    private int shortestGood(int classIndex, int leastPages) {
        int mostPages = Math.min(2 * leastPages, leastPages + CANDIDATES_MAX);
        for (int pages = leastPages; pages <= mostPages; pages++) {
            if (wasteShare(classIndex, pages) * GOOD_ENOUGH <= 1) {
                return pages;
            }
        }
        return leastWaste(classIndex, leastPages, mostPages);
    }

    /** The length with the smallest share of left-over bytes; of two that are equally good the longer one. */
    private int leastWaste(int classIndex, int leastPages, int mostPages) {
        int best = mostPages;
        double bestShare = wasteShare(classIndex, mostPages);
        int shortest = Math.max(leastPages, mostPages - CANDIDATES_MAX);
        for (int pages = mostPages - 1; pages >= shortest && bestShare * GOOD_ENOUGH > 1; pages--) {
            double share = wasteShare(classIndex, pages);
            if (share < bestShare) {
                bestShare = share;
                best = pages;
            }
        }
        return best;
    }

    private double wasteShare(int classIndex, int pages) {
        double blockBytes = (double) blockCount(classIndex, pages) * classes.bytes(classIndex);
        return 1 - blockBytes / (pages * pageBytes);
    }
}
