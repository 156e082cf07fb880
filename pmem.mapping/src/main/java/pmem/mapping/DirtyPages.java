package pmem.mapping;

/**
 * The pages one thread has written back since its last fence, as few ranges, sorted and apart from each other.
 *
 * <p>Bounded: when there would be too many ranges, the two nearest become one, so a flush may cover pages between them too.
 * That costs time and is never wrong. Not thread-safe.
 */
final class DirtyPages {
    static final int RANGES_MAX = 8;

    private final long[] firstPages = new long[RANGES_MAX];
    private final long[] endPages = new long[RANGES_MAX];
    private int rangeCount;

    int rangeCount() {
        return rangeCount;
    }

    long firstPage(int range) {
        return firstPages[range];
    }

    /** The page after the last one. */
    long endPage(int range) {
        return endPages[range];
    }

    void clear() {
        rangeCount = 0;
    }

    /** Adds pages, joining ranges that they overlap or touch. */
    void add(long firstPage, long endPage) {
        int range = 0;
        while (range < rangeCount && endPages[range] < firstPage) {
            range++;
        }
        if (range == rangeCount || endPage < firstPages[range]) {
            insert(range, firstPage, endPage);
            return;
        }
        firstPages[range] = Math.min(firstPages[range], firstPage);
        endPages[range] = Math.max(endPages[range], endPage);
        while (range + 1 < rangeCount && firstPages[range + 1] <= endPages[range]) {
            joinWithNext(range);
        }
    }

    private void insert(int range, long firstPage, long endPage) {
        if (rangeCount == RANGES_MAX) {
            joinWithNext(rangeBeforeSmallestGap());
            add(firstPage, endPage);
            return;
        }
        System.arraycopy(firstPages, range, firstPages, range + 1, rangeCount - range);
        System.arraycopy(endPages, range, endPages, range + 1, rangeCount - range);
        firstPages[range] = firstPage;
        endPages[range] = endPage;
        rangeCount++;
    }

    private int rangeBeforeSmallestGap() {
        int best = 0;
        for (int range = 1; range + 1 < rangeCount; range++) {
            if (firstPages[range + 1] - endPages[range] < firstPages[best + 1] - endPages[best]) {
                best = range;
            }
        }
        return best;
    }

    private void joinWithNext(int range) {
        endPages[range] = Math.max(endPages[range], endPages[range + 1]);
        int tail = rangeCount - range - 2;
        System.arraycopy(firstPages, range + 2, firstPages, range + 1, tail);
        System.arraycopy(endPages, range + 2, endPages, range + 1, tail);
        rangeCount--;
    }
}
