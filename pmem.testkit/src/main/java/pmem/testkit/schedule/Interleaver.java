package pmem.testkit.schedule;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs several bodies on threads of their own, one at a time: a thread keeps going until it calls {@link #step} and the
 * {@link Schedule} names another.
 *
 * <p>A thread that goes on may need a lock that a stopped one holds. It is then found blocked or waiting without having come
 * to its next step, and the turn goes to the other. When it gets the lock it goes on to its next step beside the lock's former
 * holder, which waits there for it; so the order of the steps is the same in each run of the same schedule. A thread that
 * spins on plain memory, or waits for something that is no lock, is taken for blocked after a while.
 */
public final class Interleaver {
    private static final ThreadMXBean MANAGEMENT = ManagementFactory.getThreadMXBean();
    private static final int GOING = 0;
    private static final int STOPPED = 1;
    private static final int ENDED = 2;
    private static final long WATCH_NANOS = 50_000;
    private static final long WOKEN_WATCH_NANOS = 5_000;
    private static final long SPIN_LIMIT_NANOS = 200_000_000;
    private static final long DEADLOCK_SECONDS = 20;
    private static final int STEPS_IN_A_ROW_MAX = 10_000;

    private final Schedule schedule;
    private final int threadCount;
    private final AtomicIntegerArray phases;
    private final AtomicReferenceArray<@Nullable Thread> threads;
    private final AtomicInteger turn = new AtomicInteger(-1);
    private final AtomicInteger steps = new AtomicInteger();
    // Changed only by the thread whose turn it is.
    private final AtomicInteger stepsInARow = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** An interleaver for one run. */
    public Interleaver(Schedule schedule, int threadCount) {
        this.schedule = schedule;
        this.threadCount = threadCount;
        this.phases = new AtomicIntegerArray(threadCount);
        this.threads = new AtomicReferenceArray<>(threadCount);
    }

    /** Steps taken so far by all threads. */
    public int steps() {
        return steps.get();
    }

    /**
     * Runs the bodies to their ends.
     *
     * @param executor has at least as many threads as there are bodies, all idle
     * @throws IllegalStateException if the threads wait for each other, or a body throws
     */
    public void run(ExecutorService executor, Runnable... bodies) {
        run(Collections.nCopies(bodies.length, executor), bodies);
    }

    /** As {@link #run(ExecutorService, Runnable...)}, each body on an executor of its own. */
    public void run(List<? extends Executor> executors, Runnable... bodies) {
        CountDownLatch there = new CountDownLatch(bodies.length);
        CountDownLatch ended = new CountDownLatch(bodies.length);
        for (int i = 0; i < bodies.length; i++) {
            int index = i;
            executors.get(index).execute(() -> {
                threads.set(index, Thread.currentThread());
                phases.set(index, STOPPED);
                there.countDown();
                try {
                    await(index);
                    bodies[index].run();
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                } finally {
                    end(index);
                    ended.countDown();
                }
            });
        }
        awaitAll(there);
        pass(schedule.next(0, 0, threadCount));
        awaitAll(ended);
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new IllegalStateException("a scheduled body failed: " + thrown, thrown);
        }
    }

    private void awaitAll(CountDownLatch latch) {
        try {
            if (!latch.await(DEADLOCK_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the threads wait for each other under " + schedule + ": " + states());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while threads were scheduled", e);
        }
    }

    private String states() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < threadCount; i++) {
            Thread thread = threads.get(i);
            text.append(i == 0 ? "" : "; ").append("thread ").append(i).append(' ');
            text.append(thread == null ? "absent" : thread.getState() + " at " + List.of(thread.getStackTrace()));
        }
        return text.toString();
    }

    /** Called by a body's thread before each access; returns when it is that thread's turn. Others pass at once. */
    public void step() {
        step(false);
    }

    /** As {@link #step} by a thread that spins until another one goes on: the next one does, whatever the schedule says. */
    public void stepAside() {
        step(true);
    }

    private void step(boolean aside) {
        int me = indexOf(Thread.currentThread());
        if (me < 0) {
            return;
        }
        await(me);
        awaitWoken(me);
        int next = aside ? (me + 1) % threadCount : choose(me);
        if (next != me && phases.get(next) == STOPPED) {
            phases.set(me, STOPPED);
            stepsInARow.set(0);
            pass(next);
            await(me);
        }
    }

    // A thread that spins on a word another one is to change would go on for ever; it has to let the others go on too.
    private int choose(int me) {
        int next = schedule.next(steps.incrementAndGet(), me, threadCount);
        return stepsInARow.incrementAndGet() > STEPS_IN_A_ROW_MAX ? (me + 1) % threadCount : next;
    }

    private void pass(int next) {
        turn.set(next);
        LockSupport.unpark(threads.get(next));
    }

    private int indexOf(Thread thread) {
        for (int i = 0; i < threadCount; i++) {
            Thread scheduled = threads.get(i);
            if (scheduled != null && scheduled.threadId() == thread.threadId()) {
                return i;
            }
        }
        return -1;
    }

    // A thread that was blocked and got its lock meanwhile must come to its next step before this one goes on.
    private void awaitWoken(int me) {
        long start = System.nanoTime();
        for (int i = 0; i < threadCount; i++) {
            while (i != me && phases.get(i) == GOING && !isBlocked(i) && System.nanoTime() - start < SPIN_LIMIT_NANOS) {
                LockSupport.parkNanos(this, WOKEN_WATCH_NANOS);
            }
        }
    }

    private void await(int me) {
        if (turn.get() == me) {
            phases.set(me, GOING);
            return;
        }
        phases.set(me, STOPPED);
        long start = System.nanoTime();
        while (turn.get() != me) {
            int holder = turn.get();
            if (holder >= 0 && phases.get(holder) != STOPPED) {
                boolean stuck = isBlocked(holder) || System.nanoTime() - start > SPIN_LIMIT_NANOS;
                if (stuck && isFirstStopped(me) && phases.get(holder) == GOING && turn.compareAndSet(holder, me)) {
                    break;
                }
            } else {
                start = System.nanoTime();
            }
            // Who passes the turn wakes this thread; a holder that blocks can't, so it is looked at now and then.
            LockSupport.parkNanos(this, WATCH_NANOS);
        }
        phases.set(me, GOING);
    }

    private boolean isFirstStopped(int me) {
        for (int i = 0; i < me; i++) {
            if (phases.get(i) == STOPPED) {
                return false;
            }
        }
        return true;
    }

    // Who waits for a lock that is free already, or for something that is no lock, is about to go on.
    private boolean isBlocked(int index) {
        Thread thread = threads.get(index);
        if (thread == null || thread.getState() == Thread.State.RUNNABLE) {
            return false;
        }
        ThreadInfo info = MANAGEMENT.getThreadInfo(thread.threadId());
        return info != null && isOther(index, info.getLockOwnerId());
    }

    private boolean isOther(int index, long threadId) {
        for (int i = 0; i < threadCount; i++) {
            Thread thread = threads.get(i);
            if (i != index && thread != null && thread.threadId() == threadId && phases.get(i) != ENDED) {
                return true;
            }
        }
        return false;
    }

    private void end(int me) {
        phases.set(me, ENDED);
        for (int i = 0; i < threadCount; i++) {
            if (phases.get(i) == STOPPED && turn.compareAndSet(me, i)) {
                LockSupport.unpark(threads.get(i));
                return;
            }
        }
        // Whoever goes on without the turn, after waiting for a lock, takes it at its next step.
        for (int i = 0; i < threadCount; i++) {
            if (phases.get(i) == GOING && turn.compareAndSet(me, i)) {
                return;
            }
        }
    }
}
