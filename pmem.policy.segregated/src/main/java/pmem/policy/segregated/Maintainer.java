package pmem.policy.segregated;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A daemon thread that does a task again and again, measured by the monotonic clock, until it is stopped. It is started by the
 * first {@link #start}, so that pools without accesses have no thread.
 */
final class Maintainer {
    private final long intervalNanos;
    private final Runnable task;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition stopRequested = lock.newCondition();
    private boolean started;
    private boolean stopped;

    /** A maintainer that does nothing yet; an interval of 0 means never. */
    Maintainer(long intervalMillis, Runnable task) {
        intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMillis);
        this.task = task;
    }

    /** Starts the thread if there is none yet and there should be one. */
    void start() {
        lock.lock();
        try {
            if (!started && !stopped && intervalNanos > 0) {
                started = true;
                Thread thread = new Thread(this::run, "pmem-maintainer");
                thread.setDaemon(true);
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The task is not under way at return, and never again. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            stopRequested.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // The task runs under the lock, so that stop waits for it.
    private void run() {
        lock.lock();
        try {
            while (!stopped) {
                long left = intervalNanos;
                while (left > 0 && !stopped) {
                    left = stopRequested.awaitNanos(left);
                }
                if (!stopped) {
                    task.run();
                }
            }
        } catch (InterruptedException stop) {
            // Nobody has a reason to interrupt this thread but to end it.
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
