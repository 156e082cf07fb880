package pmem.spi.extent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Some extents that large blocks have left, kept for the next blocks of their length. The last one kept is the first one taken, and
 * the first one that leaves for the free pages is the one kept longest.
 *
 * <p>A lock of its own guards everything. On the way of an allocate or a free it is only ever tried: who finds it taken goes
 * elsewhere. Who waits for it has the lock of the {@link FreeExtents} already; who has it waits for nothing. So a call that is served
 * from here takes one lock with one locked instruction.
 */
final class KeptShelf {
    /** Most extents. */
    static final int EXTENTS_MAX = 32;

    /** No extent. */
    static final int NONE = -1;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int SPINS_MAX = 64;
    private static final int PARK_NANOS = 1000;
    private static final int LENGTH_SHIFT = Integer.SIZE;

    // With a line before and behind it, so that shelves share none.
    private static final int LOCK = Long.BYTES;
    private static final int EXTENTS = LOCK + 1;
    private static final int PAGES = LOCK + 2;
    private static final int BLOCKS_OUT = LOCK + 3;
    private static final int PAGES_OUT = LOCK + 4;
    private static final int CALLS = LOCK + 5;
    private static final int IDLE_LOOKS = LOCK + 6;
    private static final int FIRST = LOCK + 8;

    /** Receives extents that are kept no longer. */
    @FunctionalInterface
    interface Receiver {
        /** Receives one. */
        void give(int page, int pages);
    }

    private final long[] words = new long[FIRST + EXTENTS_MAX + Long.BYTES];
    private final long pagesMax;
    private final long basePage;

    /**
     * An empty shelf.
     *
     * @param pagesMax most pages of all extents together
     * @param basePage offset of page 0 in the region divided by the page size; alignment counts from there
     */
    KeptShelf(long pagesMax, long basePage) {
        this.pagesMax = pagesMax;
        this.basePage = basePage;
    }

    private boolean tryEnter() {
        return get(LOCK) == 0 && LONGS.compareAndSet(words, LOCK, 0L, 1L);
    }

    private void enter() {
        for (int spins = 0; !tryEnter(); spins++) {
            if (spins < SPINS_MAX) {
                Thread.onSpinWait();
            } else {
                // Who has it has lost its processor.
                LockSupport.parkNanos(PARK_NANOS);
            }
        }
    }

    private void leave() {
        LONGS.setRelease(words, LOCK, 0L); // pairs with: tryEnter
    }

    private void add(int field, long difference) {
        LONGS.setOpaque(words, field, words[field] + difference);
    }

    private long get(int field) {
        return (long) LONGS.getOpaque(words, field);
    }

    /** Pages of all extents; without the lock, at some moment. */
    long pages() {
        return get(PAGES);
    }

    /** How many more extents {@link #take} has given than {@link #keep} has got; without the lock, at some moment. */
    long blocksOut() {
        return get(BLOCKS_OUT);
    }

    /** As {@link #blocksOut}, their pages. */
    long pagesOut() {
        return get(PAGES_OUT);
    }

    /** Takes an extent of a length and alignment for a block: its first page, or {@link #NONE}. */
    int take(int pages, long alignPages) {
        if (get(EXTENTS) == 0 || !tryEnter()) {
            return NONE;
        }
        try {
            for (int i = count() - 1; i >= 0; i--) {
                long extent = words[FIRST + i];
                if (length(extent) == pages && ((basePage + page(extent)) & (alignPages - 1)) == 0) {
                    removeAt(i);
                    words[CALLS]++;
                    add(BLOCKS_OUT, 1);
                    add(PAGES_OUT, pages);
                    return page(extent);
                }
            }
            return NONE;
        } finally {
            leave();
        }
    }

    /** Keeps an extent that a block has left, if there is room for it. */
    boolean keep(int page, int pages) {
        if (!tryEnter()) {
            return false;
        }
        try {
            boolean hasRoom = hasRoomFor(pages);
            if (hasRoom) {
                put(page, pages);
                words[CALLS]++;
                add(BLOCKS_OUT, -1);
                add(PAGES_OUT, -pages);
            }
            return hasRoom;
        } finally {
            leave();
        }
    }

    /** Keeps an extent, no longer than all of them may be, in the place of those kept longest. */
    void keepInstead(int page, int pages, Receiver back) {
        enter();
        try {
            while (!hasRoomFor(pages)) {
                giveAt(0, back);
            }
            put(page, pages);
            words[CALLS]++;
        } finally {
            leave();
        }
    }

    /**
     * Takes the extent whose length is nearest to one, of those in a range.
     *
     * @return its first page and length as {@link #page} and {@link #length} read them, 0 if there is none
     */
    long takeNearest(int pages, int leastPages, int mostPages) {
        if (get(EXTENTS) == 0) {
            return 0;
        }
        enter();
        try {
            int nearest = NONE;
            int distance = Integer.MAX_VALUE;
            for (int i = count() - 1; i >= 0; i--) {
                int length = length(words[FIRST + i]);
                if (length >= leastPages && length <= mostPages && Math.abs(length - pages) < distance) {
                    nearest = i;
                    distance = Math.abs(length - pages);
                }
            }
            return nearest < 0 ? 0 : removeAt(nearest);
        } finally {
            leave();
        }
    }

    /** First page of an extent. */
    static int page(long extent) {
        return (int) extent;
    }

    /** Length of an extent in pages. */
    static int length(long extent) {
        return (int) (extent >>> LENGTH_SHIFT);
    }

    /** Gives the extents that have a page of a range. */
    void giveWithin(int page, int endPage, Receiver back) {
        if (get(EXTENTS) == 0) {
            return;
        }
        enter();
        try {
            for (int i = count() - 1; i >= 0; i--) {
                long extent = words[FIRST + i];
                if (page(extent) < endPage && page(extent) + length(extent) > page) {
                    giveAt(i, back);
                }
            }
        } finally {
            leave();
        }
    }

    /**
     * Looks whether the shelf was used since the last look, and if not gives extents, those kept longest: one at the first such
     * look, then 2, 4, 8 and so on.
     *
     * @param most most extents of a look
     */
    void look(int most, Receiver back) {
        enter();
        try {
            words[IDLE_LOOKS] = words[CALLS] == 0 ? words[IDLE_LOOKS] + 1 : 0;
            words[CALLS] = 0;
            for (int due = IdleSteps.due(words[IDLE_LOOKS], most); due > 0 && count() > 0; due--) {
                giveAt(0, back);
            }
        } finally {
            leave();
        }
    }

    /** Shows the extents, for who has the lock of the {@link FreeExtents}; others may take one of them meanwhile. */
    void forEach(Receiver visitor) {
        enter();
        try {
            for (int i = 0; i < count(); i++) {
                visitor.give(page(words[FIRST + i]), length(words[FIRST + i]));
            }
        } finally {
            leave();
        }
    }

    private int count() {
        return (int) words[EXTENTS];
    }

    private boolean hasRoomFor(int pages) {
        return count() < EXTENTS_MAX && words[PAGES] + pages <= pagesMax;
    }

    private void put(int page, int pages) {
        words[FIRST + count()] = ((long) pages << LENGTH_SHIFT) | page;
        add(EXTENTS, 1);
        add(PAGES, pages);
    }

    private void giveAt(int index, Receiver back) {
        long extent = removeAt(index);
        back.give(page(extent), length(extent));
    }

    private long removeAt(int index) {
        long extent = words[FIRST + index];
        int last = count() - 1;
        for (int i = index; i < last; i++) {
            words[FIRST + i] = words[FIRST + i + 1];
        }
        add(PAGES, -length(extent));
        add(EXTENTS, -1);
        return extent;
    }
}
