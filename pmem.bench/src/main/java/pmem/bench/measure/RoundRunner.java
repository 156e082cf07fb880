package pmem.bench.measure;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;

/** Runs one round of a workload: all threads begin together and stop after the first chunk that ends past the time. */
public final class RoundRunner {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private RoundRunner() {}

    /**
     * Runs one round. Each thread sets up and tears down its own part, for some blocks can be freed by their thread only.
     *
     * @param nanos how long it is to take, setting up and tearing down apart
     * @throws IllegalStateException if a thread fails; the cause says how
     */
    public static Round run(Allocator allocator, WorkloadSpec spec, long nanos) {
        List<Workload> parts = spec.kind().start(allocator, spec.blockBytes(), spec.threads());
        Counts before = new Counts(allocator);
        Counts after = new Counts(allocator);
        CyclicBarrier begin = new CyclicBarrier(parts.size(), before);
        CyclicBarrier end = new CyclicBarrier(parts.size(), after);
        List<Lap> laps = parts.stream()
                .map(part -> new Lap(parts, part, begin, end, nanos))
                .toList();
        run(laps, begin, end);
        return round(laps, before, after);
    }

    private static void run(List<Lap> laps, CyclicBarrier begin, CyclicBarrier end) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (Lap lap : laps) {
            Thread thread = new Thread(lap, "workload-" + threads.size());
            thread.setUncaughtExceptionHandler((failed, thrown) -> {
                failure.compareAndSet(null, thrown);
                lap.parts.forEach(Workload::stop);
                begin.reset();
                end.reset();
            });
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("round was interrupted", interrupted);
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new IllegalStateException("workload failed: found=" + thrown, thrown);
        }
    }

    private static Round round(List<Lap> laps, Counts before, Counts after) {
        double operations = laps.stream().mapToLong(lap -> lap.operations).sum();
        double nanosPerOperation = laps.stream()
                .mapToDouble(lap -> (double) lap.nanos / Math.max(1, lap.operations))
                .average()
                .orElseThrow();
        double garbage = laps.stream().mapToLong(lap -> lap.garbageBytes).sum() / operations;
        return new Round(
                nanosPerOperation,
                garbage,
                before.lines < 0 ? -1 : (after.lines - before.lines) / operations,
                before.fences < 0 ? -1 : (after.fences - before.fences) / operations);
    }

    // Read while no thread is at work.
    private static final class Counts implements Runnable {
        private final Allocator allocator;
        private long lines;
        private long fences;

        Counts(Allocator allocator) {
            this.allocator = allocator;
        }

        @Override
        public void run() {
            lines = allocator.linesWrittenBack();
            fences = allocator.fences();
        }
    }

    private static final class Lap implements Runnable {
        private final List<Workload> parts;
        private final Workload part;
        private final CyclicBarrier begin;
        private final CyclicBarrier end;
        private final long wantedNanos;
        private long operations;
        private long nanos;
        private long garbageBytes;

        Lap(List<Workload> parts, Workload part, CyclicBarrier begin, CyclicBarrier end, long wantedNanos) {
            this.parts = parts;
            this.part = part;
            this.begin = begin;
            this.end = end;
            this.wantedNanos = wantedNanos;
        }

        @Override
        public void run() {
            part.setUp();
            await(begin);
            long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            do {
                operations += part.chunk();
                nanos = System.nanoTime() - start;
            } while (nanos < wantedNanos);
            garbageBytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
            parts.forEach(Workload::stop);
            await(end);
            part.tearDown();
        }

        private static void await(CyclicBarrier barrier) {
            try {
                barrier.await();
            } catch (InterruptedException | BrokenBarrierException stopped) {
                throw new IllegalStateException("another thread of the workload failed", stopped);
            }
        }
    }
}
