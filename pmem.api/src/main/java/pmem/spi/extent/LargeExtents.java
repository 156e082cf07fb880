package pmem.spi.extent;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The pages that large blocks take and leave: those of an extent that is kept for their length, if there is one, else free ones. Part of
 * {@link FreeExtents}, whose lock it has wherever it looks at free pages. Thread-safe.
 */
final class LargeExtents {
    private final FreeExtents free;
    private final ReentrantLock lock;
    private final FreePages pages;
    private final WrittenPages written;
    private final KeptExtents kept;
    private final KeptShelf.Receiver back;

    LargeExtents(FreeExtents free, ReentrantLock lock, FreePages pages, WrittenPages written, KeptExtents kept) {
        this.free = free;
        this.lock = lock;
        this.pages = pages;
        this.written = written;
        this.kept = kept;
        back = pages::give;
    }

    /**
     * Takes an extent that was kept for a block of its length: no lock but that of the kept ones.
     *
     * @return its first page, or -1 if there is none; it was in use before and has its storage
     */
    int takeKept(int node, int count, long alignPages) {
        return kept.take(node, count, alignPages);
    }

    /**
     * Takes pages for a large block: a kept extent that is little longer, whose end is free then, one that is little shorter with free
     * pages behind it, or else a run as {@link FreeExtents#take(int, int, long)} does.
     */
    int take(int node, int count, long alignPages) {
        if (count > pages.count()) {
            return -1;
        }
        lock.lock();
        try {
            int start = alignPages == 1 ? takeNearest(node, count) : -1;
            return start >= 0 ? start : free.take(node, count, alignPages);
        } finally {
            lock.unlock();
        }
    }

    private int takeNearest(int node, int count) {
        long longer = kept.takeLonger(node, count);
        if (longer != 0) {
            int start = KeptShelf.page(longer);
            if (KeptShelf.length(longer) > count) {
                pages.give(start + count, KeptShelf.length(longer) - count);
            }
            return start;
        }
        long shorter = kept.takeShorter(node, count);
        if (shorter == 0) {
            return -1;
        }
        int start = KeptShelf.page(shorter);
        int end = start + KeptShelf.length(shorter);
        boolean grows = isRoomBehind(end, start + count - end);
        if (grows) {
            pages.take(end, start + count - end);
        } else {
            kept.keepOrGive(node, start, end - start, back);
        }
        return grows ? start : -1;
    }

    private boolean isRoomBehind(int end, int count) {
        return pages.areFree(end, count) && pages.mayFollow(end, count);
    }

    /**
     * Takes the pages behind an extent if all of them are free and the extent may become as long.
     *
     * @return whether they were and it may
     */
    boolean takeAt(int page, int count) {
        lock.lock();
        try {
            boolean isRoom = isRoomBehind(page, count);
            if (!isRoom) {
                kept.giveWithin(page, page + count, back);
                isRoom = isRoomBehind(page, count);
            }
            if (isRoom) {
                pages.take(page, count);
            }
            return isRoom;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps a run that a large block has left for the next one of its length; no lock but that of the kept ones, as a rule.
     *
     * @return whether there was room for it; nothing was changed if not
     */
    boolean keep(int page, int count) {
        int node = free.nodeOf(page);
        if (!kept.keeps(node, count)) {
            return false;
        }
        noteWritten(page, count);
        return kept.keep(node, page, count);
    }

    // The bits of a run are changed by who has it alone, so they can be read without the lock.
    private void noteWritten(int page, int count) {
        if (!written.has(page, count)) {
            lock.lock();
            try {
                written.add(page, count);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Gives a run back that a large block has left: it is kept in the place of older ones, if it is kept at all. */
    void give(int page, int count) {
        lock.lock();
        try {
            written.add(page, count);
            kept.keepOrGive(free.nodeOf(page), page, count, back);
        } finally {
            lock.unlock();
        }
    }

    /** How many more blocks {@link #takeKept} has given than {@link #keep} has got. */
    long keptBlocksOut() {
        return kept.blocksOut();
    }

    /** As {@link #keptBlocksOut}, their pages. */
    long keptPagesOut() {
        return kept.pagesOut();
    }
}
