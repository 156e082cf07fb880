package pmem.spi.extent;

/**
 * How many pages the slabs of each size class take. A slab is as long as wanted or up to twice that, so that little is left
 * over after its last block; where room is short it may be as short as one block needs. Slabs may grow with the number of
 * blocks of their class. Immutable.
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

    /** How long slabs become. A growth of 0 makes all of them as long as they become. */
    public record Lengths(long mostBytes, int blocksMin, int blocksMax, int growth) {
        /** Slabs that are all of one length. */
        public static Lengths fixed(long bytes, int blocksMin) {
            return new Lengths(bytes, blocksMin, Integer.MAX_VALUE, 0);
        }
    }

    private final SizeClasses classes;
    private final BlockCounter counter;
    private final long pageBytes;
    private final int growth;
    private final int[] wantedPages;
    private final int[] leastPages;

    /**
     * Plans the slabs of all classes, all of one length.
     *
     * @param classes the ladder
     * @param pageBytes page size
     * @param wantedBytes length of a slab, rounded up to pages
     * @param blocksMin least number of blocks of a slab where room is not short
     * @param counter how many blocks fit
     */
    public SlabPlan(SizeClasses classes, long pageBytes, long wantedBytes, int blocksMin, BlockCounter counter) {
        this(classes, pageBytes, Lengths.fixed(wantedBytes, blocksMin), counter);
    }

    /**
     * Plans the slabs of all classes.
     *
     * @param lengths {@code mostBytes} is the length of a slab that has grown, rounded up to pages, and {@code blocksMin} and
     *     {@code blocksMax} bound its blocks; a new slab has room for one part in {@code growth} of the blocks that its class
     *     has room for already, so that little is empty where few blocks live
     */
    public SlabPlan(SizeClasses classes, long pageBytes, Lengths lengths, BlockCounter counter) {
        this.classes = classes;
        this.counter = counter;
        this.pageBytes = pageBytes;
        growth = lengths.growth();
        wantedPages = new int[classes.count()];
        leastPages = new int[classes.count()];
        int shortest = 1;
        for (int classIndex = 0; classIndex < classes.count(); classIndex++) {
            // It only grows with the size, so the next class searches on from here.
            shortest = leastWith(classIndex, 1, shortest);
            leastPages[classIndex] = shortest;
            long mostBytes = Math.min(lengths.mostBytes(), (long) lengths.blocksMax() * classes.bytes(classIndex));
            int ordinary = (int) Math.max(shortest, (mostBytes + pageBytes - 1) / pageBytes);
            wantedPages[classIndex] = shortestGood(classIndex, leastWith(classIndex, lengths.blocksMin(), ordinary));
        }
    }

    /**
     * Length of the next slab of a class in pages.
     *
     * @param blocksBefore how many blocks the class's slabs have
     * @param pagesMax how many pages it should take at most; it takes more only if not even one block fits
     */
    public int nextPages(int classIndex, long blocksBefore, int pagesMax) {
        int most = wantedPages(classIndex, pagesMax);
        if (growth == 0) {
            return most;
        }
        long bytes = blocksBefore / growth * classes.bytes(classIndex);
        int least = Math.clamp((bytes + pageBytes - 1) / pageBytes, leastPages[classIndex], most);
        return shortestOfLeastWaste(classIndex, least, Math.min(most, 2 * least));
    }

    private int shortestOfLeastWaste(int classIndex, int leastPages, int mostPages) {
        int best = leastPages;
        int longest = Math.min(mostPages, leastPages + CANDIDATES_MAX);
        for (int pages = leastPages + 1; pages <= longest && wasteShare(classIndex, best) * GOOD_ENOUGH > 1; pages++) {
            if (wasteShare(classIndex, pages) < wasteShare(classIndex, best)) {
                best = pages;
            }
        }
        return best;
    }

    /**
     * Length of a slab of a class that has grown, in pages.
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
