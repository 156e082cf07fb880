package pmem.spi.extent;

import pmem.spi.NodeStretches;

/**
 * The pages of a space in parts, one for each stretch of the region: parts of the same NUMA node come again after those of all other
 * nodes. Without nodes there is one part. Immutable.
 *
 * @param count number of parts, also of what is not there yet
 * @param nodeCount number of nodes
 * @param pagesOfPart length of a part, but for the first and last one
 * @param basePage offset of page 0 in the region divided by the page size
 */
record PageParts(int count, int nodeCount, long pagesOfPart, long basePage) {
    /** All pages in one part. */
    static PageParts one(long basePage) {
        return new PageParts(1, 1, Long.MAX_VALUE, basePage);
    }

    /** The parts of a space whose pages are in these stretches. */
    static PageParts of(NodeStretches stretches, ExtentTableLayout layout) {
        long basePage = layout.pagesOffset() >>> layout.pageShift();
        if (stretches.count() == 1) {
            return one(basePage);
        }
        long pagesOfPart = Math.max(1, stretches.stretchBytes() >>> layout.pageShift());
        int count = (int) ((basePage + layout.pageCount() + pagesOfPart - 1) / pagesOfPart);
        return new PageParts(Math.max(1, count), stretches.count(), pagesOfPart, basePage);
    }

    /** The part that a page is in. */
    int partOf(int page) {
        return count == 1 ? 0 : (int) ((basePage + page) / pagesOfPart);
    }

    /** First page of a part. */
    int firstPage(int part) {
        return count == 1 ? 0 : (int) Math.max(0, part * pagesOfPart - basePage);
    }

    /** The page after the last of a part, of those up to a number. */
    int endPage(int part, int pageCount) {
        return count == 1 ? pageCount : (int) Math.clamp((part + 1) * pagesOfPart - basePage, 0, (long) pageCount);
    }

    /** The node that a page belongs to, as its place among the nodes. */
    int nodeOf(int page) {
        return partOf(page) % nodeCount;
    }
}
