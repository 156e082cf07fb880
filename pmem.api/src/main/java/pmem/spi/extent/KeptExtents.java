package pmem.spi.extent;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Extents that large blocks have left, kept for the next blocks of their length, in DRAM. On media they are free; here they count as
 * free, and whoever finds no room gets them, for anything.
 *
 * <p>Each NUMA node has {@value #SHELVES} shelves that threads are divided among by their ids. A thread keeps on its own shelf, and
 * takes from all of the node, its own first. Methods that hand extents to a receiver, and those that suspend, are called under the lock
 * of the {@link FreeExtents}, the others without any.
 *
 * <p>Where a node has no room nothing of it is kept until as many pages have become free as there are. Kept extents stay where they
 * are, in the way of larger runs: a full space that is drained would be filled again around them.
 */
final class KeptExtents {
    /** Shelves of a node, a power of two. */
    private static final int SHELVES = KeptPlan.GROUPS;

    /** Longer or shorter by no more than this factor, an extent is cut or grows; else it waits for a block of its own length. */
    private static final int NEAR = 2;

    private final KeptShelf[] shelves;
    private final int pagesMax;
    /** By node: how many pages have to become free before any is kept again. */
    private final AtomicIntegerArray suspended;

    /**
     * Nothing is kept yet.
     *
     * @param plan what is to be kept
     * @param parts the pages of the space
     * @param pageShift binary logarithm of the page size
     */
    KeptExtents(KeptPlan plan, PageParts parts, int pageShift) {
        int count = plan.blockBytes() < 1 ? 0 : parts.nodeCount() * SHELVES;
        long shelfPages = count == 0 ? 0 : (plan.totalBytes() >>> pageShift) / count;
        pagesMax = (int) Math.min(Math.min(plan.blockBytes() >>> pageShift, shelfPages), ExtentTableLayout.PAGES_MAX);
        shelves = new KeptShelf[pagesMax == 0 ? 0 : count];
        Arrays.setAll(shelves, i -> new KeptShelf(shelfPages, parts.basePage()));
        suspended = new AtomicIntegerArray(parts.nodeCount());
    }

    private boolean isFor(int pages) {
        return pages <= pagesMax;
    }

    /** Whether extents of a length are kept now. */
    boolean keeps(int node, int pages) {
        return isFor(pages) && suspended.getOpaque(node) <= 0;
    }

    /** Keeps no extent of a node until so many pages have become free. */
    void suspend(int node, int pages) {
        suspended.setOpaque(node, pages);
    }

    /** Keeps extents again. */
    void resume() {
        for (int node = 0; node < suspended.length(); node++) {
            suspended.setOpaque(node, 0);
        }
    }

    /** Takes an extent of a node for a block of its length: its first page, or {@link KeptShelf#NONE}. */
    int take(int node, int pages, long alignPages) {
        int page = KeptShelf.NONE;
        if (isFor(pages)) {
            int own = shelfOfThread();
            for (int i = 0; i < SHELVES && page < 0; i++) {
                page = shelf(node, own + i).take(pages, alignPages);
            }
        }
        return page;
    }

    /** Keeps an extent of a node that a block has left, if there is room for it; one that is {@linkplain #keeps kept} at all. */
    boolean keep(int node, int page, int pages) {
        return shelf(node, shelfOfThread()).keep(page, pages);
    }

    /** Keeps an extent of a node in the place of older ones, or gives it if it should not be kept. */
    void keepOrGive(int node, int page, int pages, KeptShelf.Receiver back) {
        if (keeps(node, pages)) {
            shelf(node, shelfOfThread()).keepInstead(page, pages, back);
        } else {
            suspended.setOpaque(node, Math.max(0, suspended.getPlain(node) - pages));
            back.give(page, pages);
        }
    }

    /** Takes an extent of a node that is little longer than a block that may be kept; as {@link KeptShelf#takeNearest}. */
    long takeLonger(int node, int pages) {
        return takeNearest(node, pages, pages, (int) Math.min(Integer.MAX_VALUE, (long) NEAR * pages));
    }

    /** As {@link #takeLonger}, one that is little shorter. */
    long takeShorter(int node, int pages) {
        return takeNearest(node, pages, pages - pages / NEAR, pages - 1);
    }

    private long takeNearest(int node, int pages, int leastPages, int mostPages) {
        long extent = 0;
        // A longer block is free for everybody when it ends, so it should not use up what is kept.
        if (isFor(pages)) {
            int own = shelfOfThread();
            for (int i = 0; i < SHELVES && extent == 0; i++) {
                extent = shelf(node, own + i).takeNearest(pages, leastPages, mostPages);
            }
        }
        return extent;
    }

    /** Gives all extents of a node. */
    void giveAllOf(int node, KeptShelf.Receiver back) {
        for (int i = 0; i < SHELVES && shelves.length > 0; i++) {
            shelf(node, i).giveWithin(0, Integer.MAX_VALUE, back);
        }
    }

    /** Gives the extents that have a page of a range. */
    void giveWithin(int page, int endPage, KeptShelf.Receiver back) {
        for (KeptShelf shelf : shelves) {
            shelf.giveWithin(page, endPage, back);
        }
    }

    /** As {@link KeptShelf#look}, for each shelf. */
    void look(int most, KeptShelf.Receiver back) {
        for (KeptShelf shelf : shelves) {
            shelf.look(most, back);
        }
    }

    /** As {@link KeptShelf#forEach}. */
    void forEach(KeptShelf.Receiver visitor) {
        for (KeptShelf shelf : shelves) {
            shelf.forEach(visitor);
        }
    }

    /** Pages of all extents. */
    int pages() {
        long pages = 0;
        for (KeptShelf shelf : shelves) {
            pages += shelf.pages();
        }
        return (int) pages;
    }

    /** How many more extents {@link #take} has given than {@link #keep} has got. */
    long blocksOut() {
        long blocks = 0;
        for (KeptShelf shelf : shelves) {
            blocks += shelf.blocksOut();
        }
        return blocks;
    }

    /** As {@link #blocksOut}, their pages. */
    long pagesOut() {
        long pages = 0;
        for (KeptShelf shelf : shelves) {
            pages += shelf.pagesOut();
        }
        return pages;
    }

    // Thread ids count up, so neighbours have shelves of their own.
    private static int shelfOfThread() {
        return (int) Thread.currentThread().threadId();
    }

    private KeptShelf shelf(int node, int number) {
        return shelves[node * SHELVES + (number & (SHELVES - 1))];
    }
}
