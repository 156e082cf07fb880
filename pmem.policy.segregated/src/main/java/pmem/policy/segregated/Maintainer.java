package pmem.policy.segregated;

import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import pmem.api.PmemException;

/**
 * A daemon thread that does a task again and again, measured by the monotonic clock, until it is stopped or what it
 * maintains is forgotten. It is started by the first {@link #start}, so that pools which one thread uses have no other.
 *
 * @param <T> what it maintains
 */
final class Maintainer<T> {
    private final long intervalNanos;
    private final Consumer<T> task;
    private final WeakReference<T> maintained;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition stopRequested = lock.newCondition();
    // Read without the lock, which the task may hold for long.
    private volatile boolean started;
    private boolean stopped;

    /**
     * A maintainer that does nothing yet.
     *
     * @param intervalMillis time between two runs of the task, 0 for never
     * @param task must not refer to what is maintained but by its argument
     */
    Maintainer(long intervalMillis, T maintained, Consumer<T> task) {
        intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMillis);
        this.maintained = new WeakReference<>(maintained);
        this.task = task;
    }

    /** Starts the thread if there is none yet and there should be one. */
    void start() {
        if (started || intervalNanos == 0) {
            return;
        }
        lock.lock();
        try {
            if (!started && !stopped) {
                started = true;
                // Nothing of the thread that happens to be the first to need it.
                Thread thread = Thread.ofPlatform()
                        .name("pmem-maintainer")
                        .daemon()
                        .inheritInheritableThreadLocals(false)
                        .unstarted(this::run);
                thread.setContextClassLoader(null);
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Runs something that the task must not disturb. */
    void whileAtRest(Runnable body) {
        lock.lock();
        try {
            body.run();
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
                awaitInterval();
                T still = maintained.get();
                stopped |= still == null;
                if (!stopped && still != null) {
                    task.accept(still);
                }
            }
        } catch (InterruptedException | PmemException stop) {
            // An interrupt is meant to end the thread; a region that failed fails the pool's own calls too.
            stopped = true;
        } finally {
            lock.unlock();
        }
    }

    private void awaitInterval() throws InterruptedException {
        long left = intervalNanos;
        while (left > 0 && !stopped) {
            left = stopRequested.awaitNanos(left);
        }
    }
}
