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
            wantedPages[classIndex] = leastWaste(classIndex, ordinary);
        }
    }

    /** Length of a slab of a class in pages, where room is not short. */
    public int wantedPages(int classIndex) {
        return wantedPages[classIndex];
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

    private int leastWaste(int classIndex, int least) {
        int best = least;
        double bestShare = 1;
        for (int pages = least; pages <= 2 * least && pages < least + CANDIDATES_MAX; pages++) {
            double blockBytes = (double) blockCount(classIndex, pages) * classes.bytes(classIndex);
            double wasteShare = 1 - blockBytes / (pages * pageBytes);
            if (wasteShare < bestShare) {
                bestShare = wasteShare;
                best = pages;
            }
            if (bestShare * GOOD_ENOUGH <= 1) {
                break;
            }
        }
        return best;
    }
}
