package pmem.policy.bitmap;

import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.FreeExtents;

/**
 * Chooses the pages of new arenas, so that threads do not write the same lines of page bits: a group is the pages whose bits are
 * one line, and while room is not short each stripe has a group of its own. As long as one stripe makes arenas, they take the
 * lowest pages. Hints only, thread-safe.
 */
final class LineGroups {
    private static final int NONE = -1;

    private final LinesInUse lines;
    private final ExtentTableLayout layout;
    private final int groupPages;

    /** Starts without groups. */
    LineGroups(ExtentTableLayout layout, LinesInUse lines) {
        this.lines = lines;
        this.layout = layout;
        groupPages = Math.max(1, LinesInUse.BITS_PER_LINE / layout.bitsPerPage());
    }

    /** Takes a run of pages: the first page, or -1 if no run is long enough. */
    int take(FreeExtents free, Stripe stripe, int pages, boolean ample) {
        boolean apart = lines.isOneOfSeveral(stripe) && ample;
        int page = apart ? takeApart(free, stripe, pages) : NONE;
        return page >= 0 ? page : free.take(pages, 1);
    }

    private int takeApart(FreeExtents free, Stripe stripe, int pages) {
        return pages <= groupPages ? takeInGroup(free, stripe, pages) : takeGroups(free, pages);
    }

    private int takeGroups(FreeExtents free, int pages) {
        int stretch = (pages + groupPages - 1) / groupPages * groupPages;
        int first = free.freeStretch(stretch);
        return first < 0 ? NONE : free.takeWithin(first, first + stretch, pages);
    }

    private int takeInGroup(FreeExtents free, Stripe stripe, int pages) {
        int group = stripe.firstPageOfGroup();
        int page = group < 0 || isUsedBeside(group, stripe) ? NONE : takeWithin(free, group, pages);
        if (page < 0) {
            group = free.freeStretch(groupPages);
            page = group < 0 ? NONE : takeWithin(free, group, pages);
            stripe.setFirstPageOfGroup(page < 0 ? NONE : group);
        }
        return page;
    }

    /** Whether another stripe has come to claim from an arena that was made in a group before. */
    private boolean isUsedBeside(int group, Stripe stripe) {
        return lines.isUsedBeside(layout.firstStateBit(group) / LinesInUse.BITS_PER_LINE, stripe);
    }

    private int takeWithin(FreeExtents free, int group, int pages) {
        return free.takeWithin(group, Math.min(layout.pageCount(), group + groupPages), pages);
    }
}
