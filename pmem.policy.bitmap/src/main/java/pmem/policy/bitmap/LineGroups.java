package pmem.policy.bitmap;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import pmem.spi.Region;
import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.FreeExtents;

/**
 * Chooses the pages of new arenas, so that threads do not write the same lines of page bits: a group is the pages whose bits are
 * one line, and while room is not short each thread has a group of its own. As long as one thread makes arenas, they take the
 * lowest pages. Hints only, thread-safe.
 */
final class LineGroups {
    private static final int NONE = -1;
    private static final int MANY = -2;

    private final int groupPages;
    private final int pageCount;
    private final AtomicIntegerArray groupOf;
    /** The only stripe that has made arenas, or {@link #NONE}, or {@link #MANY}. */
    private final AtomicInteger maker = new AtomicInteger(NONE);

    /**
     * Starts without groups.
     *
     * @param stripes number of threads told apart, a power of two
     */
    LineGroups(ExtentTableLayout layout, int stripes) {
        groupPages = Math.max(1, Region.LINE_BYTES * Byte.SIZE / layout.bitsPerPage());
        pageCount = layout.pageCount();
        groupOf = new AtomicIntegerArray(stripes);
        for (int i = 0; i < stripes; i++) {
            groupOf.set(i, NONE);
        }
    }

    /** Takes a run of pages: the first page, or -1 if no run is long enough. */
    int take(FreeExtents free, int pages, boolean ample) {
        int stripe = (int) Thread.currentThread().threadId() & (groupOf.length() - 1);
        boolean apart = isOneOfMany(stripe);
        int page = apart && ample && pages <= groupPages ? takeInGroup(free, stripe, pages) : NONE;
        return page >= 0 ? page : free.take(pages, 1);
    }

    private boolean isOneOfMany(int stripe) {
        int only = maker.get();
        if (only == NONE && maker.compareAndSet(NONE, stripe)) {
            return false;
        }
        if (maker.get() != stripe) {
            maker.set(MANY);
        }
        return maker.get() == MANY;
    }

    private int takeInGroup(FreeExtents free, int stripe, int pages) {
        int group = groupOf.get(stripe);
        int page = group < 0 ? NONE : free.takeWithin(group, Math.min(pageCount, group + groupPages), pages);
        if (page < 0) {
            group = free.freeStretch(groupPages);
            page = group < 0 ? NONE : free.takeWithin(group, group + groupPages, pages);
            groupOf.set(stripe, page < 0 ? NONE : group);
        }
        return page;
    }
}
