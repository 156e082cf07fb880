package pmem.bench.frames;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import pmem.bench.measure.Allocator;

/** Runs one iteration of a benchmark of frames. The allocator's slots must be as many as the frames. */
public final class FrameRunner {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final int TENTH = 10;

    private FrameRunner() {}

    /**
     * Runs one iteration; nothing is live after it.
     *
     * @param initMillis goes into the result
     * @throws IllegalStateException if a thread fails; the cause says how
     */
    public static FrameCost run(Allocator allocator, FrameSpec spec, double initMillis) {
        CyclicBarrier together = new CyclicBarrier(spec.threads());
        List<Part> parts = IntStream.range(0, spec.threads())
                .mapToObj(thread -> new Part(allocator, spec, thread, together))
                .toList();
        long start = System.nanoTime();
        run(parts, together);
        double totalMillis = (System.nanoTime() - start) / NANOS_PER_MILLI;
        return new FrameCost(
                FrameCost.Spread.of(
                        parts.stream().mapToDouble(part -> part.allocateNanos).toArray()),
                FrameCost.Spread.of(
                        parts.stream().mapToDouble(part -> part.freeNanos).toArray()),
                initMillis,
                totalMillis);
    }

    private static void run(List<Part> parts, CyclicBarrier together) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (Part part : parts) {
            Thread thread = new Thread(part, "frames-" + threads.size());
            thread.setUncaughtExceptionHandler((failed, thrown) -> {
                failure.compareAndSet(null, thrown);
                together.reset();
            });
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("iteration was interrupted", interrupted);
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new IllegalStateException("benchmark of frames failed: found=" + thrown, thrown);
        }
    }

    private static final class Part implements Runnable {
        private final Allocator allocator;
        private final FrameSpec spec;
        private final CyclicBarrier together;
        private final int firstSlot;
        private final int frames;
        private final SplittableRandom random;
        private double allocateNanos;
        private double freeNanos;

        Part(Allocator allocator, FrameSpec spec, int thread, CyclicBarrier together) {
            this.allocator = allocator;
            this.spec = spec;
            this.together = together;
            frames = spec.frames() / spec.threads();
            firstSlot = thread * frames;
            random = new SplittableRandom(thread + 1);
        }

        @Override
        public void run() {
            switch (spec.bench()) {
                case BULK -> timed(firstSlot, frames);
                case FILLING -> filling();
                case REPEAT -> repeat();
                case RANDOM -> random();
            }
        }

        // Allocations of all threads, then frees of all threads, each begun together.
        private void timed(int first, int count) {
            await();
            long start = System.nanoTime();
            allocate(first, count);
            allocateNanos = (double) (System.nanoTime() - start) / count;
            await();
            start = System.nanoTime();
            free(first, count);
            freeNanos = (double) (System.nanoTime() - start) / count;
        }

        private void filling() {
            int before = (int) ((long) frames * spec.percent() / 100);
            allocate(firstSlot, before);
            timed(firstSlot + before, Math.max(1, frames / TENTH));
            await();
            free(firstSlot, before);
        }

        private void repeat() {
            await();
            long start = System.nanoTime();
            for (int i = 0; i < frames; i++) {
                allocator.allocate(firstSlot, spec.frameBytes());
                allocator.free(firstSlot);
            }
            half(System.nanoTime() - start);
        }

        private void random() {
            allocate(firstSlot, frames);
            int[] slots = random.ints(frames, firstSlot, firstSlot + frames).toArray();
            await();
            long start = System.nanoTime();
            for (int slot : slots) {
                allocator.free(slot);
                allocator.allocate(slot, spec.frameBytes());
            }
            half(System.nanoTime() - start);
            await();
            free(firstSlot, frames);
        }

        private void half(long nanos) {
            allocateNanos = nanos / 2.0 / frames;
            freeNanos = allocateNanos;
        }

        private void allocate(int first, int count) {
            for (int slot = first; slot < first + count; slot++) {
                allocator.allocate(slot, spec.frameBytes());
            }
        }

        private void free(int first, int count) {
            for (int slot = first; slot < first + count; slot++) {
                allocator.free(slot);
            }
        }

        private void await() {
            try {
                together.await();
            } catch (InterruptedException | BrokenBarrierException stopped) {
                throw new IllegalStateException("another thread of the benchmark failed", stopped);
            }
        }
    }
}
