package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

/** Closing while others work, and forgetting to close. */
class ClosingTest {
    private static final PersistPoint POINT = new PersistPoint("test.point", "Nothing depends on it.");
    private static final long CAPACITY_BYTES = 2 << 20;
    private static final int ROUNDS = 60;
    private static final Duration COLLECTION_LIMIT = Duration.ofSeconds(20);

    private final MappingProvider provider = new MappingProvider();

    @TempDir
    private Path directory;

    private Region created(DurabilityDomain domain) {
        return provider.create(
                directory.resolve("a.pool"), CAPACITY_BYTES, new RegionOptions(Optional.of(domain), false));
    }

    @Test
    void late_accesses_of_other_threads_end_in_an_exception_and_never_fault() throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            Region region = round % 2 == 0
                    ? created(DurabilityDomain.FORCED_CACHE_LINE)
                    : provider.anonymous(CAPACITY_BYTES, RegionOptions.defaults());
            CountDownLatch warm = new CountDownLatch(2);
            ConcurrentLinkedQueue<Throwable> ends = new ConcurrentLinkedQueue<>();
            List<Thread> threads = List.of(worker(region, 0, warm, ends), worker(region, 4096, warm, ends));
            warm.await();
            region.close();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(ends).hasSize(2).allSatisfy(end -> assertThat(end).isInstanceOf(IllegalStateException.class));
        }
    }

    private static Thread worker(
            Region region, long offset, CountDownLatch warm, ConcurrentLinkedQueue<Throwable> ends) {
        return Thread.ofPlatform().start(() -> {
            try {
                for (long i = 0; ; i++) {
                    region.storeRelease(offset, i);
                    region.writeBack(POINT, offset, 8192);
                    region.writeBackAndFence(POINT, offset);
                    if (i == 10) {
                        warm.countDown();
                    }
                }
            } catch (RuntimeException end) {
                ends.add(end);
            }
        });
    }

    @Test
    void machine_code_that_starts_after_close_finds_memory() {
        Region region = created(DurabilityDomain.FORCED_CACHE_LINE);
        long address = region.slice(0, 8).address();
        region.close();
        CacheLines.writeBack(address, CAPACITY_BYTES);
        CacheLines.writeBackLineAndFence(address + CAPACITY_BYTES - 1);
        assertThat(region.capacityBytes()).isEqualTo(CAPACITY_BYTES);
    }

    @Test
    void concurrent_closes_close_once_and_the_file_can_be_opened_again() throws InterruptedException {
        Region region = created(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
        region.publishCreated();
        Thread other = Thread.ofPlatform().start(region::close);
        region.close();
        provider.open(directory.resolve("a.pool"), RegionOptions.defaults()).close();
        other.join();
    }

    @Test
    void a_forgotten_region_gives_lock_and_addresses_back() {
        Path path = directory.resolve("a.pool");
        long address = forget(path);
        awaitCollection(() -> !isLocked(path));
        awaitCollection(() -> !isMapped(address));
    }

    @Test
    void a_slice_keeps_the_memory_and_the_lock_of_a_forgotten_region() {
        Path path = directory.resolve("a.pool");
        MemorySegment slice = sliceOfForgotten(path);
        long other = forget(directory.resolve("b.pool"));
        awaitCollection(() -> !isMapped(other));
        slice.set(JAVA_LONG, 0, 7);
        assertThat(slice.get(JAVA_LONG, 0)).isEqualTo(7);
        assertThatThrownBy(() -> provider.open(path, RegionOptions.defaults())).hasMessageContaining("this process");
        assertThat(slice.byteSize()).isEqualTo(8);
    }

    private long forget(Path path) {
        Region region = provider.create(path, CAPACITY_BYTES, RegionOptions.defaults());
        region.publishCreated();
        return region.slice(0, 8).address();
    }

    private MemorySegment sliceOfForgotten(Path path) {
        Region region = provider.create(path, CAPACITY_BYTES, RegionOptions.defaults());
        region.publishCreated();
        return region.slice(0, 8);
    }

    private boolean isLocked(Path path) {
        try (Region region = provider.open(path, RegionOptions.defaults())) {
            return region.capacityBytes() == 0;
        } catch (PoolOpenException locked) {
            return true;
        }
    }

    private static boolean isMapped(long address) {
        try {
            return Files.readString(Path.of("/proc/self/maps")).contains(Long.toHexString(address) + "-");
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    private static void awaitCollection(BooleanSupplier done) {
        long start = System.nanoTime();
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as("waited nanoseconds").isLessThan(COLLECTION_LIMIT.toNanos());
            System.gc();
            Thread.onSpinWait();
        }
    }
}
