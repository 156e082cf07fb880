package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.DurabilityDomain;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolOptions;
import pmem.api.PoolStats;

/** Freed large blocks of {@code segregated} that are kept for the next ones of their length: to the pool's users they are free. */
class KeptBlocksTest {
    private static final long CAPACITY_BYTES = 64 << 20;
    private static final int BLOCK_BYTES = 1 << 20;

    @TempDir
    private Path directory;

    private PoolOptions options() {
        return PoolOptions.createNew(CAPACITY_BYTES).policy("segregated").policyParameter("maintenanceMillis", 0);
    }

    private Pool pool(boolean isVolatile) {
        return isVolatile
                ? Pool.openVolatile(options())
                : Pool.open(
                        directory.resolve("pool"), options().durability(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_next_block_of_a_length_lies_where_the_last_one_was(boolean isVolatile) {
        try (Pool pool = pool(isVolatile);
                PoolAccess access = pool.access()) {
            long low = access.allocate(BLOCK_BYTES);
            long high = access.allocate(BLOCK_BYTES);
            access.free(low);
            access.free(high);
            assertThat(access.allocate(BLOCK_BYTES)).isEqualTo(high);
            assertThat(pool.allocate(BLOCK_BYTES)).isEqualTo(low);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_kept_block_is_free_in_all_figures(boolean isVolatile) {
        try (Pool pool = pool(isVolatile);
                PoolAccess access = pool.access()) {
            PoolStats before = pool.stats();
            long low = access.allocate(BLOCK_BYTES);
            long high = access.allocate(3 * BLOCK_BYTES);
            access.free(low);
            access.free(high);
            assertThat(pool.stats()).isEqualTo(before);
            assertThat(pool.verify()).isEmpty();
            List<Long> walked = new ArrayList<>();
            pool.forEachBlock((handle, bytes) -> walked.add(handle));
            assertThat(walked).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_kept_block_is_not_freed_again(boolean isVolatile) {
        try (Pool pool = pool(isVolatile);
                PoolAccess access = pool.access()) {
            long handle = access.allocate(BLOCK_BYTES);
            access.free(handle);
            assertThatThrownBy(() -> access.free(handle)).isInstanceOf(InvalidHandleException.class);
            assertThatThrownBy(() -> pool.free(handle)).isInstanceOf(InvalidHandleException.class);
            assertThat(pool.isLive(handle)).isFalse();
            assertThat(access.allocate(BLOCK_BYTES)).isEqualTo(handle);
            assertThat(access.allocate(BLOCK_BYTES)).isNotEqualTo(handle);
            assertThat(pool.verify()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void all_of_a_pool_whose_blocks_are_kept_serves_one_block(boolean isVolatile) {
        try (Pool pool = pool(isVolatile);
                PoolAccess access = pool.access()) {
            long largestBytes = pool.stats().largestFreeBytes();
            List<Long> handles = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                handles.add(access.allocate(BLOCK_BYTES));
            }
            handles.forEach(access::free);
            assertThat(pool.stats().largestFreeBytes()).isEqualTo(largestBytes);
            access.free(access.allocate(largestBytes));
            assertThat(pool.verify()).isEmpty();
        }
    }

    @Test
    void a_pool_whose_blocks_are_kept_holds_as_many_small_ones_as_a_new_one() {
        int newPool;
        try (Pool pool = pool(true);
                PoolAccess access = pool.access()) {
            newPool = smallBlocks(access);
        }
        try (Pool pool = pool(true);
                PoolAccess access = pool.access()) {
            long[] handles = new long[40];
            Arrays.setAll(handles, i -> access.allocate(BLOCK_BYTES));
            Arrays.stream(handles).forEach(access::free);
            assertThat(smallBlocks(access)).isEqualTo(newPool);
        }
    }

    private static int smallBlocks(PoolAccess access) {
        int count = 0;
        try {
            while (true) {
                access.allocate(1000);
                count++;
            }
        } catch (OutOfSpaceException full) {
            return count;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_zeroed_block_is_zero_where_a_kept_one_was_written(boolean isVolatile) {
        try (Pool pool = pool(isVolatile);
                PoolAccess access = pool.access()) {
            long handle = access.allocate(BLOCK_BYTES);
            pool.segment(handle).fill((byte) 0xff);
            access.free(handle);
            assertThat(access.allocateZeroed(BLOCK_BYTES)).isEqualTo(handle);
            assertThat(pool.segment(handle).mismatch(MemorySegment.ofArray(new byte[BLOCK_BYTES])))
                    .isEqualTo(-1);
        }
    }

    @Test
    void what_was_kept_is_free_after_the_next_open() {
        long usedBytes;
        try (Pool pool = pool(false)) {
            usedBytes = pool.stats().usedBytes();
            pool.free(pool.allocate(BLOCK_BYTES));
        }
        try (Pool pool = Pool.open(directory.resolve("pool"), PoolOptions.open())) {
            assertThat(pool.stats().usedBytes()).isEqualTo(usedBytes);
            assertThat(pool.stats().liveBlocks()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void threads_that_pass_large_blocks_on_get_none_twice_and_lose_none(boolean isVolatile) throws Exception {
        try (Pool pool = pool(isVolatile);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            long usedBytes = pool.stats().usedBytes();
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int thread = i;
                running.add(threads.submit(() -> allocateAndFree(pool, thread)));
            }
            for (Future<?> each : running) {
                each.get();
            }
            assertThat(pool.stats().liveBlocks()).isZero();
            assertThat(pool.stats().usedBytes()).isEqualTo(usedBytes);
            assertThat(pool.verify()).isEmpty();
        }
    }

    /** Each block bears its handle and its thread's number while it is this thread's. */
    private static void allocateAndFree(Pool pool, int thread) {
        SplittableRandom random = new SplittableRandom(4711 + thread);
        long[] handles = new long[6];
        try (PoolAccess access = pool.access()) {
            for (int step = 0; step < 20_000; step++) {
                int slot = random.nextInt(handles.length);
                if (handles[slot] != 0) {
                    assertThat(pool.segment(handles[slot]).get(ValueLayout.JAVA_LONG, 0))
                            .isEqualTo(handles[slot] + thread);
                    access.free(handles[slot]);
                    handles[slot] = 0;
                } else {
                    handles[slot] = access.allocate((1L + random.nextInt(6)) * 200_000);
                    pool.segment(handles[slot]).set(ValueLayout.JAVA_LONG, 0, handles[slot] + thread);
                }
            }
            for (long handle : handles) {
                if (handle != 0) {
                    access.free(handle);
                }
            }
        }
    }
}
