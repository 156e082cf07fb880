package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolStats;

/** The figures of a pool against what it did. */
@OnEveryDomain
public abstract class StatisticsContract extends ContractTest {
    /** For JUnit. */
    protected StatisticsContract() {}

    @Test
    void figures_of_a_fresh_pool_add_up() {
        PoolStats stats = newPool().stats();
        assertThat(stats.metadataBytes()).isPositive().isLessThanOrEqualTo(stats.usedBytes());
        assertThat(stats.freeBytes()).isEqualTo(stats.capacityBytes() - stats.usedBytes());
        assertThat(stats.largestFreeBytes()).isPositive().isLessThanOrEqualTo(stats.freeBytes());
        assertThat(stats.fragmentation()).isBetween(0.0, 1.0);
        assertThat(stats.liveBlocks()).isZero();
        assertThat(stats.liveBytes()).isZero();
    }

    @Test
    void live_blocks_and_bytes_are_those_of_the_walk_after_every_operation() {
        withRandom(random -> {
            Pool pool = newPool();
            List<Long> live = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                if (live.isEmpty() || random.nextInt(5) < 3) {
                    live.add(pool.allocate(1 + random.nextInt(1 << (1 + random.nextInt(17)))));
                } else {
                    pool.free(live.remove(random.nextInt(live.size())));
                }
                long liveBytes = 0;
                for (long usableBytes : Blocks.walk(pool).values()) {
                    liveBytes += usableBytes;
                }
                Blocks.assertStatistics(pool, live.size(), liveBytes);
            }
        });
    }

    // "size of the largest block that could be allocated now"
    @Test
    void the_largest_free_block_can_be_allocated_and_one_byte_more_cannot() {
        withRandom(random -> {
            Pool pool = newPool();
            List<Long> live = Blocks.fill(pool, 30_000);
            for (int step = 0; step < 40 && !live.isEmpty(); step++) {
                pool.free(live.remove(random.nextInt(live.size())));
                long largestBytes = pool.stats().largestFreeBytes();
                assertThat(largestBytes).isGreaterThanOrEqualTo(30_000);
                assertOutOfSpace(() -> pool.allocate(largestBytes + 1));
                pool.free(pool.allocate(largestBytes));
            }
        });
    }

    @Test
    void the_largest_free_block_is_right_while_the_pool_fills_up() {
        Pool pool = newPool();
        boolean full = false;
        for (int i = 0; !full; i++) {
            long bytes = 40_000 + i % 7 * 10_000L;
            long largestBytes = pool.stats().largestFreeBytes();
            try {
                pool.allocate(bytes);
                assertThat(bytes).as("granted, largest was %d", largestBytes).isLessThanOrEqualTo(largestBytes);
            } catch (OutOfSpaceException none) {
                assertThat(bytes).as("refused, largest was %d", largestBytes).isGreaterThan(largestBytes);
                full = true;
            }
        }
    }

    @Test
    void a_pool_from_which_everything_was_freed_counts_as_empty() {
        Pool pool = newPool();
        PoolStats fresh = pool.stats();
        for (long bytes : new long[] {64, 3000, 100_000}) {
            Blocks.freeAll(pool, Blocks.fill(pool, bytes));
        }
        PoolStats drained = pool.stats();
        Blocks.assertStatistics(pool, 0, 0);
        assertThat(drained.metadataBytes()).isEqualTo(fresh.metadataBytes());
        assertThat(drained.capacityBytes()).isEqualTo(fresh.capacityBytes());
        assertThat(drained.usedBytes()).isGreaterThanOrEqualTo(fresh.usedBytes());
    }

    @Test
    void a_large_block_takes_its_room_from_the_free_bytes_and_gives_it_back() {
        Pool pool = newPool();
        long before = pool.usedBytes();
        long handle = pool.allocate(1 << 20);
        assertThat(pool.usedBytes()).isGreaterThanOrEqualTo(before + (1 << 20));
        pool.free(handle);
        assertThat(pool.usedBytes()).isEqualTo(before);
    }

    // "0 unless PoolOptions.countPersists"
    @Test
    void lines_and_fences_are_counted_only_when_asked_for() {
        Pool quiet = newPool();
        quiet.allocate(64);
        assertThat(quiet.stats().linesWrittenBack()).isZero();
        assertThat(quiet.stats().fences()).isZero();
    }

    @Test
    void the_largest_block_a_pool_can_hold_leaves_little_of_it_unused() {
        PoolStats fresh = newPool().stats();
        assertThat(fresh.fragmentation()).as("of a fresh pool").isLessThan(0.5);
    }
}
