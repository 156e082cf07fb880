package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import pmem.api.Pool;

/** Resizing in place: {@link Pool#reallocate}. */
@OnEveryDomain
public abstract class ReallocationContract extends ContractTest {
    private static final long[] SIZES = {1, 8, 60, 500, 3000, 9000, 70_000, 1 << 20};

    private static final long LARGE_BYTES = 1 << 20;
    private static final long SMALLER_BYTES = 100_000;

    /** For JUnit. */
    protected ReallocationContract() {}

    // "whether the block now holds bytes"
    @Test
    void a_size_the_block_already_holds_always_fits() {
        Pool pool = newPool();
        for (long bytes : SIZES) {
            long handle = pool.allocate(bytes);
            assertThat(pool.reallocate(handle, pool.usableBytes(handle)))
                    .as("%d to usable", bytes)
                    .isTrue();
            assertThat(pool.reallocate(handle, bytes)).as("%d to itself", bytes).isTrue();
            assertThat(pool.reallocate(handle, 1)).as("%d to 1", bytes).isTrue();
            assertThat(pool.usableBytes(handle)).isPositive();
        }
    }

    // "whether the block now holds bytes; if not, it is unchanged"
    @Test
    void growing_either_holds_the_new_size_or_changes_nothing_and_keeps_the_content() {
        Pool pool = newPool();
        for (long bytes : SIZES) {
            for (long newBytes : new long[] {bytes + 1, bytes * 2, bytes * 5 + 100}) {
                long handle = pool.allocate(bytes);
                Blocks.stamp(pool.segment(handle), bytes, newBytes);
                long usableBytes = pool.usableBytes(handle);
                SortedMap<Long, Long> before = Blocks.walk(pool);
                if (pool.reallocate(handle, newBytes)) {
                    assertThat(pool.usableBytes(handle)).isGreaterThanOrEqualTo(newBytes);
                } else {
                    assertThat(newBytes).as("refused size").isGreaterThan(usableBytes);
                    assertThat(Blocks.walk(pool)).isEqualTo(before);
                }
                Blocks.assertStamped(pool.segment(handle), bytes, bytes, newBytes);
            }
        }
    }

    @Test
    void shrinking_keeps_the_content_and_the_block_can_be_freed_whole() {
        Pool pool = newPool();
        for (long bytes : SIZES) {
            int count = 4;
            for (int i = 0; i < count; i++) {
                long handle = pool.allocate(bytes);
                Blocks.stamp(pool.segment(handle), bytes, bytes);
                long newBytes = Math.max(1, bytes * i / count);
                assertThat(pool.reallocate(handle, newBytes)).isTrue();
                Blocks.assertStamped(pool.segment(handle), newBytes, bytes, bytes);
                pool.free(handle);
            }
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "one that is too small takes in the free space right behind it"
    @Test
    void what_a_large_block_gave_back_it_can_take_in_again() {
        Pool pool = newPool();
        long handle = pool.allocate(LARGE_BYTES);
        Blocks.stamp(pool.segment(handle), LARGE_BYTES, 7);
        assertThat(pool.reallocate(handle, SMALLER_BYTES)).isTrue();
        Blocks.assertStamped(pool.segment(handle), SMALLER_BYTES, LARGE_BYTES, 7);
        assertThat(pool.reallocate(handle, LARGE_BYTES))
                .as("room that nobody took")
                .isTrue();
        assertThat(pool.usableBytes(handle)).isGreaterThanOrEqualTo(LARGE_BYTES);
        Blocks.assertStamped(pool.segment(handle), SMALLER_BYTES, LARGE_BYTES, 7);
        Blocks.assertStatistics(pool, 1, pool.usableBytes(handle));
    }

    // "gives its end back"
    @Test
    void what_a_large_block_gave_back_is_used_for_others_and_the_block_does_not_grow_over_them() {
        Pool pool = newPool();
        long handle = pool.allocate(LARGE_BYTES);
        long usableBytes = pool.usableBytes(handle);
        long usedBytes = pool.usedBytes();
        pool.reallocate(handle, SMALLER_BYTES);
        long givenBack = usableBytes - pool.usableBytes(handle);
        assertThat(usedBytes - pool.usedBytes())
                .as("bytes of the pool given back")
                .isEqualTo(givenBack);
        Blocks.stamp(pool.segment(handle), SMALLER_BYTES, 1);
        List<Long> others = Blocks.fill(pool, SMALLER_BYTES);
        others.forEach(other -> Blocks.stamp(pool.segment(other), SMALLER_BYTES, other));
        assertThat(pool.reallocate(handle, LARGE_BYTES))
                .as("room that others took")
                .isEqualTo(givenBack == 0);
        Blocks.assertStamped(pool.segment(handle), SMALLER_BYTES, SMALLER_BYTES, 1);
        others.forEach(other -> Blocks.assertStamped(pool.segment(other), SMALLER_BYTES, SMALLER_BYTES, other));
    }

    @Test
    void sizes_beyond_the_pool_do_not_fit_and_change_nothing() {
        Pool pool = newPool();
        for (long bytes : SIZES) {
            long handle = pool.allocate(bytes);
            SortedMap<Long, Long> before = Blocks.walk(pool);
            for (long newBytes : new long[] {pool.stats().capacityBytes(), 1L << 62, Long.MAX_VALUE}) {
                assertThat(pool.reallocate(handle, newBytes))
                        .as("%d to %d", bytes, newBytes)
                        .isFalse();
            }
            assertThat(Blocks.walk(pool)).isEqualTo(before);
        }
    }

    @Test
    void sizes_below_1_are_wrong_arguments() {
        Pool pool = newPool();
        long handle = pool.allocate(100);
        for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
            assertInvalidArgument(() -> pool.reallocate(handle, bytes));
        }
        assertThat(pool.usableBytes(handle)).isGreaterThanOrEqualTo(100);
    }

    // "@throws InvalidHandleException if the handle does not name a live block"
    @Test
    void a_reserved_block_is_not_live_and_so_not_resized() {
        Pool pool = newPool();
        long handle = pool.reserve(100);
        assertInvalidHandle(() -> pool.reallocate(handle, 50));
        pool.cancel(handle);
    }
}
