package pmem.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;

/** Threads that start together; the first failure of any of them is the failure of all. */
final class Crew {
    /** What one thread does. */
    @FunctionalInterface
    interface Work<T> {
        /** Runs in the thread with this index. */
        T run(int index) throws Exception;
    }

    private Crew() {}

    /** Runs the work in this many platform threads and returns their results in the order of the indices. */
    static <T> List<T> run(int threads, Work<T> work) throws Exception {
        return run(Thread.ofPlatform().daemon().factory(), threads, work);
    }

    /** Runs the work in threads of a factory. */
    static <T> List<T> run(ThreadFactory factory, int threads, Work<T> work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Callable<T>> calls = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int index = i;
            calls.add(() -> {
                start.await();
                return work.run(index);
            });
        }
        ExecutorService executor = Executors.newThreadPerTaskExecutor(factory);
        try {
            return results(executor.invokeAll(calls));
        } finally {
            executor.shutdownNow();
        }
    }

    private static <T> List<T> results(List<Future<T>> futures) throws Exception {
        List<T> results = new ArrayList<>();
        for (Future<T> future : futures) {
            try {
                results.add(future.get());
            } catch (ExecutionException failure) {
                throw new AssertionError("a thread failed: " + failure.getCause(), failure.getCause());
            }
        }
        return results;
    }
}
