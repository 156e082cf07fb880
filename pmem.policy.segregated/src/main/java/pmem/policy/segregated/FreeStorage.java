package pmem.policy.segregated;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import pmem.api.PoolIoException;
import pmem.spi.extent.ExtentPolicy;

/**
 * Gives the storage of free space back to the system once it was free at several looks in a row, beyond an amount that is kept.
 * It looks at whole steps of the region's storage; what is used and free again between two looks counts as free. The lowest free
 * space is kept, since pages are taken from there.
 *
 * <p>While storage goes back its range is out of the free space. Who is short of room {@linkplain #giveWay takes precedence}.
 */
final class FreeStorage {
    /** The free space of the policy. */
    interface Space {
        /** Visits the free ranges, lowest first. */
        void forEachFreeRange(ExtentPolicy.RangeVisitor visitor);

        /** Releases the storage of a range if all of it is free; says whether it was. */
        boolean release(long offset, long endOffset);
    }

    /** So many steps are out of the free space at once. */
    private static final int STEPS_AT_ONCE = 8;
    /**
     * After so many further looks storage is given back again: if the space was used between two looks, it has some. That costs
     * little where there is none.
     */
    private static final short LOOKS_UNTIL_AGAIN = 256;

    private final Space space;
    private final long stepBytes;
    private final int looksBefore;
    private final long keptBytes;
    /** By step: for how many looks it was free, or, negative, how many are left after its storage went back. */
    private final short[] looks;

    private final ReentrantLock looking = new ReentrantLock();
    private final ReentrantLock releasing = new ReentrantLock();
    /** How many threads are short of room now. */
    private final AtomicInteger shortages = new AtomicInteger();

    private volatile boolean refused;

    /** Free space met in the look under way, and the first step that was not decided yet. */
    private long freeBytes;

    private int undecided;

    /**
     * All steps count as used.
     *
     * @param stepBytes what storage goes back in, 0 if it can't
     * @param capacityBytes size of the region when it has grown as far as it can
     * @param looksBefore at how many looks in a row a step must have been free; 0 for none that ever goes back
     * @param keptBytes how much free space keeps its storage
     */
    FreeStorage(Space space, long stepBytes, long capacityBytes, int looksBefore, long keptBytes) {
        this.space = space;
        this.looksBefore = looksBefore;
        this.keptBytes = keptBytes;
        this.stepBytes = looksBefore == 0 ? 0 : stepBytes;
        looks = new short[this.stepBytes == 0 ? 0 : Math.toIntExact(capacityBytes / stepBytes + 1)];
    }

    /** Whether any storage ever goes back. */
    boolean isActive() {
        return stepBytes != 0 && !refused;
    }

    /** One look at all free space. A second one at the same time does nothing. */
    void look() {
        if (!isActive() || !looking.tryLock()) {
            return;
        }
        try {
            freeBytes = 0;
            undecided = 0;
            space.forEachFreeRange(this::count);
            forget(undecided, looks.length);
            releaseDue();
        } catch (PoolIoException failure) {
            // The pool goes on with the storage it has; whoever calls trim gets the reason.
            refused = true;
        } finally {
            looking.unlock();
        }
    }

    /** Waits until nothing is out of the free space; no more will be until {@link #goOn}. */
    void giveWay() {
        if (stepBytes != 0) {
            releasing.lock();
            try {
                shortages.incrementAndGet();
            } finally {
                releasing.unlock();
            }
        }
    }

    /** Ends what {@link #giveWay} began. */
    void goOn() {
        if (stepBytes != 0) {
            shortages.decrementAndGet();
        }
    }

    private void count(long offset, long endOffset) {
        int first = (int) ((offset + stepBytes - 1) / stepBytes);
        int end = Math.max(first, (int) (endOffset / stepBytes));
        forget(undecided, Math.min(first, looks.length));
        for (int step = first; step < end; step++) {
            boolean beyond = freeBytes + step * stepBytes - offset >= keptBytes;
            // What is to be kept never becomes due, and is as old as can be when it need not be kept any more.
            int most = beyond ? looksBefore : looksBefore - 1;
            looks[step] = (short) Math.min(looks[step] + 1, Math.max(most, 0));
        }
        freeBytes += endOffset - offset;
        undecided = end;
    }

    private void forget(int from, int to) {
        for (int step = from; step < to; step++) {
            looks[step] = 0;
        }
    }

    /** From the highest down, so that what stays is low. */
    private void releaseDue() {
        int end = looks.length;
        while (end > 0 && shortages.get() == 0) {
            int first = end - 1;
            if (isDue(first)) {
                while (first > 0 && end - first < STEPS_AT_ONCE && isDue(first - 1)) {
                    first--;
                }
                release(first, end);
            }
            end = first;
        }
    }

    private boolean isDue(int step) {
        return looks[step] == looksBefore;
    }

    private void release(int first, int end) {
        releasing.lock();
        try {
            boolean gone = shortages.get() == 0 && space.release(first * stepBytes, end * stepBytes);
            for (int step = first; step < end; step++) {
                looks[step] = gone ? (short) -LOOKS_UNTIL_AGAIN : 0;
            }
        } finally {
            releasing.unlock();
        }
    }
}
