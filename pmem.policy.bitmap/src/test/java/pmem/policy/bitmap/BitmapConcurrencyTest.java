package pmem.policy.bitmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;

class BitmapConcurrencyTest {
    private static final int THREADS = 4;
    private static final int SPACE_BYTES = 256 * 1024;

    @Test
    void blocks_of_concurrent_threads_never_overlap() throws Exception {
        for (Map<String, Long> parameters : List.of(
                Map.<String, Long>of(),
                Map.of("rotation", 0L, "denseFromBytes", 512L),
                Map.of("pageBytes", 256L, "arenaBytes", 256L, "emptyArenasKept", 0L, "threadStripes", 1L),
                Map.of("pageBytes", 512L, "arenaBytes", 1024L, "threadStripes", 4L))) {
            Heap heap = Heap.create(SPACE_BYTES, parameters);
            long fresh = heap.policy.largestFreeBytes();
            runThreads(heap, 20_000);
            assertThat(heap.findings()).isEmpty();
            assertThat(heap.policy.liveBlocks()).isZero();
            assertThat(heap.policy.liveBytes()).isZero();
            assertThat(heap.liveSet()).isEmpty();
            assertThat(heap.policy.largestFreeBytes()).isEqualTo(fresh);
            assertThat(heap.allocate(fresh)).isNotEqualTo(Handles.NONE);
            assertThat(heap.policy.usedBytes()).isEqualTo(SPACE_BYTES);
        }
    }

    private static void runThreads(Heap heap, int steps) throws Exception {
        AtomicIntegerArray owners = new AtomicIntegerArray((int) heap.region.capacityBytes() / 16);
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int owner = 1; owner <= THREADS; owner++) {
                int self = owner;
                running.add(threads.submit(() -> allocateAndFree(heap, owners, self, steps)));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    private static void allocateAndFree(Heap heap, AtomicIntegerArray owners, int self, int steps) {
        Random random = new Random(self);
        List<Long> mine = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            if (mine.isEmpty() || random.nextInt(100) < (step / 500 % 2 == 0 ? 70 : 30)) {
                long handle = heap.allocate(1 + random.nextInt(1 << random.nextInt(13)));
                if (handle != Handles.NONE) {
                    own(owners, handle, heap.usableBytes(handle), 0, self);
                    mine.add(handle);
                }
            } else {
                release(heap, owners, self, mine.remove(random.nextInt(mine.size())));
            }
        }
        mine.forEach(handle -> release(heap, owners, self, handle));
    }

    private static void release(Heap heap, AtomicIntegerArray owners, int self, long handle) {
        own(owners, handle, heap.usableBytes(handle), self, 0);
        heap.free(handle);
    }

    private static void own(AtomicIntegerArray owners, long handle, long bytes, int from, int to) {
        for (long at = handle; at < handle + bytes; at += 16) {
            if (!owners.compareAndSet((int) (at / 16), from, to)) {
                throw new AssertionError(
                        "block overlaps another one: handle=" + Handles.format(handle) + " bytes=" + bytes);
            }
        }
    }
}
