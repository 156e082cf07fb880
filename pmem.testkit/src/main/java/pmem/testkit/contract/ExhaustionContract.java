package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import pmem.api.Pool;

/** The full pool, and the way back: freed space serves again, for the same size and for others. */
@OnEveryDomain
@ManyFences
public abstract class ExhaustionContract extends ContractTest {
    private static final long[] SIZES = {200, 1024, 4096, 10_000, 70_000, 1 << 20};

    /** For JUnit. */
    protected ExhaustionContract() {}

    @Test
    void filling_draining_and_filling_again_reaches_the_same_count() {
        for (long bytes : SIZES) {
            Pool pool = newPool();
            List<Long> first = Blocks.fill(pool, bytes);
            assertThat(first)
                    .as("blocks of %d bytes", bytes)
                    .doesNotHaveDuplicates()
                    .isNotEmpty();
            Blocks.assertWhole(pool);
            Blocks.freeAll(pool, first);
            Blocks.assertStatistics(pool, 0, 0);
            assertThat(Blocks.fill(pool, bytes).size())
                    .as("blocks of %d bytes, second time", bytes)
                    .isEqualTo(first.size());
            pool.close();
        }
    }

    @Test
    void freeing_in_random_order_restores_the_whole_capacity() {
        withRandom(random -> {
            for (long bytes : new long[] {700, 9000}) {
                Pool pool = newPool();
                List<Long> first = Blocks.fill(pool, bytes);
                int count = first.size();
                Collections.shuffle(first, random);
                Blocks.freeAll(pool, first.subList(0, count / 2));
                Blocks.assertWhole(pool);
                Blocks.freeAll(pool, first.subList(count / 2, count));
                assertHolds(pool, bytes, count);
                pool.close();
            }
        });
    }

    // An empty slab that was kept may be in the way of a few blocks. Room for the largest block is needed for nothing
    // else, so a
    // pool that has just served it keeps nothing, and then the count is exact.
    private static void assertHolds(Pool pool, long bytes, int count) {
        List<Long> filled = Blocks.fill(pool, bytes);
        assertThat(filled.size())
                .as("blocks of %d bytes", bytes)
                .isGreaterThanOrEqualTo(count - Math.ceilDiv(count, 100));
        Blocks.freeAll(pool, filled);
        pool.free(pool.allocate(pool.stats().largestFreeBytes()));
        assertThat(Blocks.fill(pool, bytes).size())
                .as("blocks of %d bytes once the largest block was served", bytes)
                .isEqualTo(count);
    }

    @Test
    void each_block_freed_in_a_full_pool_makes_room_for_exactly_one_of_its_size() {
        Pool pool = newPool();
        List<Long> handles = Blocks.fill(pool, 5000);
        for (int i = 0; i < handles.size(); i += Math.max(1, handles.size() / 10)) {
            pool.free(handles.get(i));
            handles.set(i, pool.allocate(5000));
            assertOutOfSpace(() -> pool.allocate(5000));
        }
    }

    @Test
    void every_other_block_of_a_full_pool_can_be_replaced() {
        Pool pool = newPool();
        List<Long> handles = Blocks.fill(pool, 3000);
        List<Long> freed = new ArrayList<>();
        for (int i = 0; i < handles.size(); i += 2) {
            freed.add(handles.get(i));
        }
        Blocks.freeAll(pool, freed);
        assertThat(Blocks.fill(pool, 3000).size()).isEqualTo(freed.size());
    }

    // A pool full of small blocks that are freed again serves its largest block as when it was new.
    @Test
    void a_drained_pool_serves_its_largest_block_again_whatever_it_was_full_of() {
        for (long bytes : new long[] {64, 1500, 5000}) {
            Pool pool = newPool();
            long largestBytes = pool.stats().largestFreeBytes();
            Blocks.freeAll(pool, Blocks.fill(pool, bytes));
            long handle = pool.allocate(largestBytes);
            assertThat(pool.usableBytes(handle))
                    .as("after %d byte blocks", bytes)
                    .isGreaterThanOrEqualTo(largestBytes);
            pool.close();
        }
    }

    @Test
    void a_pool_drained_of_one_size_holds_as_much_of_another_as_a_fresh_one() {
        for (long bytes : new long[] {256, 4096, 40_000}) {
            Pool fresh = newPool();
            int freshCount = Blocks.fill(fresh, bytes).size();
            fresh.close();
            for (long otherBytes : new long[] {100, 6000, 300_000}) {
                Pool pool = newPool();
                Blocks.freeAll(pool, Blocks.fill(pool, otherBytes));
                assertHolds(pool, bytes, freshCount);
                pool.close();
            }
        }
    }

    // "No contiguous free space of the requested size and alignment is left. Nothing has changed."
    @Test
    void a_full_pool_refuses_every_kind_of_allocation_and_stays_as_it_is() {
        Pool pool = newPool();
        Blocks.fill(pool, 100_000);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        assertOutOfSpace(() -> pool.allocate(100_000));
        assertOutOfSpace(() -> pool.allocate(100_000, 4096));
        assertOutOfSpace(() -> pool.reserve(100_000));
        assertOutOfSpace(() -> pool.allocateAll(16, 100_000, 16));
        assertOutOfSpace(() -> pool.transaction(tx -> tx.allocate(100_000)));
        assertThat(Blocks.walk(pool)).isEqualTo(before);
    }

    @Test
    void a_full_pool_still_frees_links_and_commits() {
        Pool pool = newPool();
        List<Long> handles = Blocks.fill(pool, 64);
        pool.setRoot("kept", handles.get(0));
        pool.free(handles.get(1));
        pool.transaction(tx -> {
            tx.free(handles.get(2));
            tx.set(handles.get(0), 0, 42);
        });
        pool.persist(handles.get(0), 0, 8);
        assertThat(pool.isLive(handles.get(0))).isTrue();
        assertThat(pool.stats().liveBlocks()).isEqualTo(handles.size() - 2);
    }
}
