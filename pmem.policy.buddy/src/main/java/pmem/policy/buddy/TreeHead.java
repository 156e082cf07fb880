package pmem.policy.buddy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What every call on a tree reads or writes: its lock, its counters, who has reserved it, and its topmost summaries. Two lines of
 * padding lie before and behind, so that threads in different trees never write to one line.
 *
 * <p>The lock is a word that is 0 or 1. It is held for a bounded number of steps, never while the region is accessed and never while
 * waiting for the lock of a tree further down. All methods need it but those that say otherwise.
 */
abstract class TreeHead {
    private static final int PADDING = 16;
    private static final int LOCK = PADDING;
    private static final int LIVE_BLOCKS = LOCK + 2;
    private static final int OWNER = LOCK + 3;

    /** Index of the number of free units. */
    static final int FREE_UNITS = LOCK + 1;
    /** Index of the first summary. */
    static final int SUMMARY = LOCK + 8;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    /** The words. */
    final long[] head;

    /** A head with so many summaries. */
    TreeHead(int summaries) {
        head = new long[SUMMARY + summaries + PADDING];
    }

    /** Takes the lock if nobody has it. */
    final boolean tryLock() {
        return head[LOCK] == 0 && LONGS.compareAndSet(head, LOCK, 0L, 1L);
    }

    /** Takes the lock, waiting for the few steps that another thread holds it. */
    final void lock() {
        if (!tryLock()) {
            awaitLock();
        }
    }

    private void awaitLock() {
        SpinWait wait = new SpinWait();
        do {
            wait.once();
        } while (!tryLock());
    }

    /** Gives the lock back. */
    final void unlock() {
        LONGS.setRelease(head, LOCK, 0L); // pairs with: tryLock
    }

    /** Number of free units; without the lock, that of some moment. */
    final long freeUnits() {
        return (long) LONGS.getOpaque(head, FREE_UNITS);
    }

    /** Number of blocks that start here and are not free; without the lock, that of some moment. */
    final long liveBlocks() {
        return (long) LONGS.getOpaque(head, LIVE_BLOCKS);
    }

    /** Counts blocks that came, or went if negative. */
    final void countBlocks(long blocks) {
        head[LIVE_BLOCKS] += blocks;
    }

    /** Who has reserved the tree, 0 if nobody has. A hint that needs no lock. */
    final long owner() {
        return (long) LONGS.getOpaque(head, OWNER);
    }

    /** Sets the hint; needs no lock. */
    final void setOwner(long owner) {
        LONGS.setOpaque(head, OWNER, owner);
    }

    /** A summary; without the lock, that of some moment. */
    final long summary(int index) {
        return (long) LONGS.getOpaque(head, SUMMARY + index);
    }
}
