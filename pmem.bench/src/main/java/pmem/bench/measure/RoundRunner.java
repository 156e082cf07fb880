package pmem.bench.measure;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Runs one round of a workload: all threads begin together and stop after the first chunk that ends past the time. */
public final class RoundRunner {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private RoundRunner() {}

    /**
     * Runs one round.
     *
     * @param nanos how long it is to take, setting up and tearing down apart
     * @throws IllegalStateException if a thread fails; the cause says how
     */
    public static Round run(Allocator allocator, WorkloadSpec spec, long nanos) {
        List<Workload> parts = spec.kind().start(allocator, spec.blockBytes(), spec.threads());
        parts.forEach(Workload::setUp);
        long linesBefore = allocator.linesWrittenBack();
        long fencesBefore = allocator.fences();
        List<Lap> laps = laps(parts, nanos);
        long lines = allocator.linesWrittenBack() - linesBefore;
        long fences = allocator.fences() - fencesBefore;
        parts.forEach(Workload::tearDown);
        return round(laps, linesBefore < 0 ? -1 : lines, fencesBefore < 0 ? -1 : fences);
    }

    private static Round round(List<Lap> laps, long lines, long fences) {
        double operations = laps.stream().mapToLong(lap -> lap.operations).sum();
        double nanosPerOperation = laps.stream()
                .mapToDouble(lap -> (double) lap.nanos / Math.max(1, lap.operations))
                .average()
                .orElseThrow();
        double garbage = laps.stream().mapToLong(lap -> lap.garbageBytes).sum() / operations;
        return new Round(
                nanosPerOperation, garbage, lines < 0 ? -1 : lines / operations, fences < 0 ? -1 : fences / operations);
    }

    private static List<Lap> laps(List<Workload> parts, long nanos) {
        List<Lap> laps = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        CountDownLatch ready = new CountDownLatch(parts.size());
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (Workload part : parts) {
            Lap lap = new Lap(parts, part, ready, nanos);
            laps.add(lap);
            Thread thread = new Thread(lap, "workload-" + threads.size());
            thread.setUncaughtExceptionHandler((failed, thrown) -> {
                failure.compareAndSet(null, thrown);
                ready.countDown();
                parts.forEach(Workload::stop);
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
        return laps;
    }

    private static final class Lap implements Runnable {
        private final List<Workload> parts;
        private final Workload part;
        private final CountDownLatch ready;
        private final long wantedNanos;
        private long operations;
        private long nanos;
        private long garbageBytes;

        Lap(List<Workload> parts, Workload part, CountDownLatch ready, long wantedNanos) {
            this.parts = parts;
            this.part = part;
            this.ready = ready;
            this.wantedNanos = wantedNanos;
        }

        @Override
        public void run() {
            ready.countDown();
            try {
                ready.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException("round was interrupted", interrupted);
            }
            long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            do {
                operations += part.chunk();
                nanos = System.nanoTime() - start;
            } while (nanos < wantedNanos);
            garbageBytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
            parts.forEach(Workload::stop);
        }
    }
}
