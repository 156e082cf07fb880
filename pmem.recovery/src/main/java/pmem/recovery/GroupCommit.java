package pmem.recovery;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import pmem.api.PoolIoException;
import pmem.api.PoolOptions;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * Makes changes of single state fields durable: each by its own fence, or, with group durability, many by one flush.
 *
 * <p>With group durability a change is only noted. A flush takes all that was noted so far, writes it back, fences, and only
 * then gives the space of the freed blocks among it to the policy: so nothing freed is handed out again before its free is
 * on media. A caller of {@link #sync} joins a flush that started after its call, or starts one, since a flush that was
 * under way may have missed its changes.
 */
final class GroupCommit implements AutoCloseable {
    /** What one flush takes. */
    private static final class Batch {
        private static final int FIRST_ROOM = 64;

        // Pairs: range, length; and handle, value of the state field.
        private long[] ranges = new long[FIRST_ROOM];
        private int rangeEnd;
        private long[] freed = new long[FIRST_ROOM];
        private int freedEnd;
        private long freedBytes;

        void addRange(long offset, long bytes) {
            if (rangeEnd == ranges.length) {
                ranges = Arrays.copyOf(ranges, 2 * rangeEnd);
            }
            ranges[rangeEnd++] = offset;
            ranges[rangeEnd++] = bytes;
        }

        void addFreed(long handle, long value, long bytes) {
            if (freedEnd == freed.length) {
                freed = Arrays.copyOf(freed, 2 * freedEnd);
            }
            freed[freedEnd++] = handle;
            freed[freedEnd++] = value;
            freedBytes += bytes;
        }

        void clear() {
            rangeEnd = 0;
            freedEnd = 0;
            freedBytes = 0;
        }
    }

    private final Region region;
    private final Policy policy;
    private final boolean grouped;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition flushed = lock.newCondition();
    // Guarded by the lock. Two batches in turn: one collects while the other is flushed.
    private Batch collecting = new Batch();
    private Batch flushing = new Batch();
    private boolean flushUnderWay;
    private long flushesStarted;
    private long flushesDone;
    private volatile boolean poisoned;
    private volatile boolean stopped;
    private final Thread committer;

    GroupCommit(Region region, Policy policy, PoolOptions options) {
        this.region = region;
        this.policy = policy;
        this.grouped = options.groupCommitInterval().isPresent();
        Duration interval = options.groupCommitInterval().orElse(Duration.ZERO);
        this.committer = new Thread(() -> commitEvery(interval.toNanos()), "pmem-group-commit");
        if (grouped && !interval.isZero()) {
            committer.setDaemon(true);
            committer.start();
        }
    }

    /** A state field was changed: durable at return, unless changes are grouped. */
    void changed(PersistPoint point, long field) {
        if (grouped) {
            noteRange(StateField.wordOffset(field), Long.BYTES);
        } else {
            region.writeBackAndFence(point, StateField.wordOffset(field));
        }
    }

    /** A range is to be durable with the next {@link #fence}, or the next flush. */
    void writeBack(PersistPoint point, long offset, long bytes) {
        if (grouped) {
            noteRange(offset, bytes);
        } else {
            region.writeBack(point, offset, bytes);
        }
    }

    /** Completes what this thread has written back, unless changes are grouped. */
    void fence(PersistPoint point) {
        if (!grouped) {
            region.fence(point);
        }
    }

    /** Gives the space of a freed block back as soon as its free is durable. */
    void release(PolicyAccess access, long handle, long value) {
        if (!grouped) {
            access.release(handle, value);
            return;
        }
        lock.lock();
        try {
            collecting.addFreed(handle, value, policy.usableBytes(handle, value));
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #release}, for many blocks. */
    void releaseAll(PolicyAccess access, long[] handles, long[] values, int count) {
        if (!grouped) {
            access.releaseAll(handles, values, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            release(access, handles[i], values[i]);
        }
    }

    private void requireSound() {
        if (poisoned) {
            throw new PoolIoException("an earlier flush failed, so nothing more is made durable: pool=" + region.name()
                    + "; close the pool, check the device and open it again");
        }
    }

    private void noteRange(long offset, long bytes) {
        requireSound();
        region.step("group.note");
        lock.lock();
        try {
            collecting.addRange(offset, bytes);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes every change that was noted before this call durable.
     *
     * @return whether the space of a block was given back
     */
    boolean sync() {
        if (!grouped) {
            return false;
        }
        lock.lock();
        try {
            // A flush that is under way may have started before the caller's changes; the next one has not.
            long needed = flushesStarted + 1;
            while (flushesDone < needed && flushUnderWay) {
                flushed.awaitUninterruptibly();
            }
            // What failed to be flushed may be the caller's.
            requireSound();
            return flushesDone < needed ? flush() : true;
        } finally {
            lock.unlock();
        }
    }

    private boolean flush() {
        Batch batch = collecting;
        collecting = flushing;
        flushing = batch;
        flushUnderWay = true;
        flushesStarted++;
        boolean done = false;
        lock.unlock();
        try {
            moveToMedia(batch);
            done = true;
        } finally {
            region.step("group.flushed");
            lock.lock();
            if (!done) {
                poisoned = true;
            }
            flushUnderWay = false;
            flushesDone += done ? 1 : 0;
            flushed.signalAll();
        }
        boolean released = batch.freedEnd > 0;
        batch.clear();
        return released;
    }

    private void moveToMedia(Batch batch) {
        ChangedLines lines = new ChangedLines(region::writeBack, PoolPoints.GROUP_SYNC);
        for (int i = 0; i < batch.rangeEnd; i += 2) {
            lines.add(batch.ranges[i], batch.ranges[i + 1]);
        }
        if (batch.rangeEnd > 0 || batch.freedEnd > 0) {
            region.fence(PoolPoints.GROUP_SYNC);
        }
        for (int i = 0; i < batch.freedEnd; i += 2) {
            policy.release(batch.freed[i], batch.freed[i + 1]);
        }
    }

    /** Freed blocks whose space is still held back. */
    long heldBlocks() {
        lock.lock();
        try {
            return (collecting.freedEnd + (long) flushing.freedEnd) / 2;
        } finally {
            lock.unlock();
        }
    }

    /** Usable bytes of those blocks. */
    long heldBytes() {
        lock.lock();
        try {
            return collecting.freedBytes + flushing.freedBytes;
        } finally {
            lock.unlock();
        }
    }

    private void commitEvery(long intervalNanos) {
        while (!stopped && !poisoned) {
            LockSupport.parkNanos(intervalNanos);
            try {
                sync();
            } catch (PoolIoException | IllegalStateException failed) {
                // The pool is poisoned, or its region closed: the application's next call is told.
                return;
            }
        }
    }

    /** Flushes what is left and stops the interval. */
    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(committer);
        if (!poisoned) {
            sync();
        }
    }
}
