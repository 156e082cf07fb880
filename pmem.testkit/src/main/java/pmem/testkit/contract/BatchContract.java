package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.TransactionException;

/** Many blocks under one fence: {@link Pool#allocateAll} and {@link Pool#freeAll}. */
@OnEveryDomain
public abstract class BatchContract extends ContractTest {
    /** For JUnit. */
    protected BatchContract() {}

    // "@return the handles, in the order of the sizes"
    @Test
    void a_batch_returns_a_block_for_each_size_in_their_order() {
        Pool pool = newPool();
        long[] sizes = LongStream.iterate(1, bytes -> bytes < 300_000, bytes -> bytes * 3 / 2 + 1)
                .toArray();
        long[] handles = pool.allocateAll(sizes);
        assertThat(handles).hasSameSizeAs(sizes).doesNotHaveDuplicates();
        for (int i = 0; i < sizes.length; i++) {
            assertThat(pool.usableBytes(handles[i])).as("block %d", i).isGreaterThanOrEqualTo(sizes[i]);
            assertThat(handles[i] % (sizes[i] <= 8 ? 8 : 16))
                    .as("alignment of block %d", i)
                    .isZero();
        }
        assertThat(Blocks.walk(pool)).hasSize(sizes.length);
        pool.freeAll(handles);
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void a_batch_may_be_larger_than_a_log_lane() {
        Pool pool = newPool();
        long[] sizes = new long[40 * PoolSetting.LANE_ENTRIES];
        Arrays.fill(sizes, 48);
        long[] handles = pool.allocateAll(sizes);
        assertThat(pool.stats().liveBlocks()).isEqualTo(sizes.length);
        pool.freeAll(handles);
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void empty_batches_do_nothing() {
        Pool pool = newPool();
        assertThat(pool.allocateAll()).isEmpty();
        pool.freeAll();
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "@throws OutOfSpaceException if room is lacking for one of them; nothing is allocated then"
    @Test
    void a_batch_that_lacks_room_allocates_nothing() {
        Pool pool = newPool();
        long kept = pool.allocate(100);
        long largestBytes = pool.stats().largestFreeBytes();
        SortedMap<Long, Long> before = Blocks.walk(pool);
        assertOutOfSpace(() -> pool.allocateAll(64, 5000, 200_000, pool.stats().capacityBytes()));
        assertOutOfSpace(() -> pool.allocateAll(pool.stats().capacityBytes(), 64));
        long[] tooMany = new long[40];
        Arrays.fill(tooMany, largestBytes / 16);
        assertOutOfSpace(() -> pool.allocateAll(tooMany));
        assertThat(Blocks.walk(pool)).isEqualTo(before);
        pool.free(kept);
        pool.allocate(largestBytes);
    }

    // "@throws IllegalArgumentException if a size is smaller than 1; nothing is allocated then"
    @Test
    void a_batch_with_a_wrong_size_allocates_nothing() {
        Pool pool = newPool();
        assertInvalidArgument(() -> pool.allocateAll(64, 0));
        assertInvalidArgument(() -> pool.allocateAll(-1, 64));
        assertInvalidArgument(() -> pool.allocateAll(64, Long.MIN_VALUE, 64));
        assertThat(Blocks.walk(pool)).isEmpty();
    }

    // "or stands there twice; the blocks before it are freed then, those from it on are not"
    @Test
    void a_handle_that_stands_in_a_batch_twice_is_freed_once_and_ends_the_batch() {
        Pool pool = newPool();
        long[] h = pool.allocateAll(64, 64, 5000, 64);
        assertInvalidHandle(() -> pool.freeAll(h[0], h[1], h[0], h[2], h[3]));
        assertThat(Blocks.walk(pool)).containsOnlyKeys(h[2], h[3]);
        assertInvalidHandle(() -> pool.freeAll(h[2], h[2]));
        assertThat(Blocks.walk(pool)).containsOnlyKeys(h[3]);
    }

    // "the blocks before it are freed then, those from it on are not"
    @Test
    void a_wrong_handle_ends_the_batch_where_it_stands() {
        Pool pool = newPool();
        for (long wrong : new long[] {Handles.NONE, -1, Long.MAX_VALUE, 4096}) {
            long[] h = pool.allocateAll(64, 2000, 90_000);
            assertInvalidHandle(() -> pool.freeAll(h[0], wrong, h[1], h[2]));
            assertThat(Blocks.walk(pool)).containsOnlyKeys(h[1], h[2]);
            assertInvalidHandle(() -> pool.freeAll(wrong, h[1], h[2]));
            assertThat(Blocks.walk(pool)).containsOnlyKeys(h[1], h[2]);
            pool.freeAll(h[1], h[2]);
        }
    }

    // "@throws TransactionException if a running transaction has named one of the blocks; as above"
    @Test
    void a_block_named_by_a_running_transaction_ends_the_batch_where_it_stands() {
        Pool pool = newPool();
        long[] h = pool.allocateAll(64, 64, 64);
        pool.transaction(tx -> {
            tx.free(h[1]);
            assertThatThrownBy(() -> pool.freeAll(h[0], h[1], h[2])).isInstanceOf(TransactionException.class);
            assertThat(pool.isLive(h[0])).isFalse();
            assertThat(pool.isLive(h[1])).isTrue();
            assertThat(pool.isLive(h[2])).isTrue();
        });
        assertThat(Blocks.walk(pool)).containsOnlyKeys(h[2]);
    }

    @Test
    void a_refused_batch_leaves_the_rest_of_the_pool_usable() {
        Pool pool = newPool();
        List<Long> filled = Blocks.fill(pool, 3000);
        long[] batch = {filled.get(0), filled.get(1), filled.get(1), filled.get(2)};
        assertInvalidHandle(() -> pool.freeAll(batch));
        assertThat(Blocks.fill(pool, 3000).size()).isEqualTo(2);
    }
}
