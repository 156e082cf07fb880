package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolOptions;

/** Where blocks of each policy become longer and shorter without moving; the contract says what holds wherever they can. */
class ReallocationInPlaceTest {
    private static final long CAPACITY_BYTES = 16 << 20;
    private static final long BLOCK_BYTES = 64 << 10;
    private static final int BLOCKS = 16;
    private static final long PAGE_BYTES = 4096;

    private static Pool newPool(String policy, Map<String, Long> parameters) {
        PoolOptions options = PoolOptions.create(CAPACITY_BYTES).policy(policy);
        for (Map.Entry<String, Long> parameter : parameters.entrySet()) {
            options = options.policyParameter(parameter.getKey(), parameter.getValue());
        }
        return Pool.openVolatile(options);
    }

    /** A live block that may become larger, of which the block right behind was just freed. */
    private static long blockWithFreeNeighbour(Pool pool, long bytes) {
        long found = Handles.NONE;
        for (int i = 0; i < BLOCKS; i++) {
            pool.allocate(bytes);
        }
        // A buddy becomes larger only if it is the lower one.
        long alignmentBytes = pool.policy().startsWith("buddy") ? 2 * bytes : 1;
        for (long handle : Blocks.walk(pool).keySet()) {
            if (found == Handles.NONE
                    && handle % alignmentBytes == 0
                    && pool.isLive(handle + pool.usableBytes(handle))) {
                found = handle;
            }
        }
        assertThat(found).as("a block with a neighbour").isNotEqualTo(Handles.NONE);
        pool.free(found + pool.usableBytes(found));
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitmap", "buddy", "segregated"})
    void a_large_block_takes_in_the_block_behind_it_that_was_freed(String policy) {
        try (Pool pool = newPool(policy, Map.of())) {
            long handle = blockWithFreeNeighbour(pool, BLOCK_BYTES);
            Blocks.stamp(pool.segment(handle), BLOCK_BYTES, 5);
            assertThat(pool.reallocate(handle, 2 * BLOCK_BYTES)).isTrue();
            assertThat(pool.usableBytes(handle)).isEqualTo(2 * BLOCK_BYTES);
            Blocks.assertStamped(pool.segment(handle), BLOCK_BYTES, BLOCK_BYTES, 5);
            assertThat(pool.reallocate(handle, 3 * BLOCK_BYTES))
                    .as("over a live block")
                    .isFalse();
            Blocks.assertStatistics(pool, BLOCKS - 1, BLOCKS * BLOCK_BYTES);
            Blocks.assertWhole(pool);
            pool.free(handle);
            assertThat(Blocks.walk(pool)).doesNotContainKey(handle);
            Blocks.assertWhole(pool);
        }
    }

    @ParameterizedTest
    @CsvSource({"bitmap, 4096", "segregated, 4096", "buddy, 64"})
    void a_large_block_gives_back_all_but_the_pages_or_units_it_needs(String policy, long stepBytes) {
        try (Pool pool = newPool(policy, Map.of())) {
            long handle = pool.allocate(8 * BLOCK_BYTES);
            for (long bytes = 8 * BLOCK_BYTES; bytes > stepBytes; bytes /= 2) {
                assertThat(pool.reallocate(handle, bytes)).isTrue();
                assertThat(pool.usableBytes(handle)).isEqualTo(bytes);
                Blocks.assertWhole(pool);
            }
        }
    }

    @Test
    void a_block_of_a_slab_keeps_its_size_and_becomes_no_larger() {
        try (Pool pool = newPool("segregated", Map.of())) {
            long handle = pool.allocate(1000);
            long usableBytes = pool.usableBytes(handle);
            assertThat(pool.reallocate(handle, 1)).isTrue();
            assertThat(pool.usableBytes(handle)).isEqualTo(usableBytes);
            assertThat(pool.reallocate(handle, usableBytes + 1)).isFalse();
        }
    }

    @Test
    void a_medium_block_takes_in_the_units_behind_it_and_gives_them_back() {
        try (Pool pool = newPool("segregated", Map.of("largestClassBytes", 1024L, "mediumBytes", 16_384L))) {
            long handle = pool.allocate(16_384);
            assertThat(pool.reallocate(handle, 4000)).isTrue();
            assertThat(pool.usableBytes(handle)).isEqualTo(4096);
            Blocks.assertStatistics(pool, 1, 4096);
            Blocks.assertWhole(pool);
            long neighbour = pool.allocate(2048);
            assertThat(neighbour).as("the units given back").isEqualTo(handle + 4096);
            assertThat(pool.reallocate(handle, 4097)).as("over a live block").isFalse();
            pool.free(neighbour);
            assertThat(pool.reallocate(handle, 8192)).isTrue();
            assertThat(pool.usableBytes(handle)).isEqualTo(8192);
            Blocks.assertStatistics(pool, 1, 8192);
            Blocks.assertWhole(pool);
            assertThat(pool.reallocate(handle, CAPACITY_BYTES)).isFalse();
            pool.free(handle);
            Blocks.assertWhole(pool);
        }
    }

    @Test
    void a_buddy_block_that_is_not_aligned_to_the_next_power_of_two_does_not_cross_it() {
        try (Pool pool = newPool("buddy", Map.of())) {
            long handle = blockWithFreeNeighbour(pool, PAGE_BYTES);
            long upper = handle + PAGE_BYTES;
            assertThat(pool.reallocate(handle, 1)).isTrue();
            long again = Handles.NONE;
            for (int i = 0; i < CAPACITY_BYTES / PAGE_BYTES && again != upper; i++) {
                again = pool.allocate(PAGE_BYTES);
            }
            assertThat(again).as("the upper of two buddies").isEqualTo(upper);
            assertThat(pool.reallocate(upper, 2 * PAGE_BYTES)).isFalse();
            assertThat(pool.usableBytes(upper)).isEqualTo(PAGE_BYTES);
        }
    }
}
