package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Threads with a number each. Policies divide threads among arenas by the lowest bits of the thread's id, so those bits are the
 * number: a schedule then means the same in each run, and different threads have different arenas where there are enough.
 */
final class NumberedThreads implements AutoCloseable {
    /** No policy divides threads among more arenas than this. */
    private static final int ARENAS_MAX = 256;

    private final List<ExecutorService> executors = new ArrayList<>();

    NumberedThreads(int count) {
        for (int i = 0; i < count; i++) {
            int number = i;
            executors.add(Executors.newSingleThreadExecutor(body -> numbered(body, number)));
        }
    }

    // A thread's id is given when the object is made, counting up.
    private static Thread numbered(Runnable body, int number) {
        Thread thread = new Thread(body, "pmem-" + number);
        while (thread.threadId() % ARENAS_MAX != number) {
            thread = new Thread(body, "pmem-" + number);
        }
        return thread;
    }

    /** One executor for each thread, in the order of the numbers. */
    List<ExecutorService> executors() {
        return executors;
    }

    /** Runs something on one of the threads and waits for it. */
    void on(int number, Runnable body) {
        try {
            CompletableFuture.runAsync(body, executors.get(number)).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        executors.forEach(ExecutorService::close);
    }
}
