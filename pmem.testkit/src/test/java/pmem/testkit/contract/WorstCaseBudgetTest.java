package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.PoolStats;
import pmem.spi.HeapRegion;
import pmem.spi.PersistPoint;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.testkit.region.ForwardingRegion;

/** What an operation costs when a slab or an arena has to be made for it first: exact fences, of each policy. */
class WorstCaseBudgetTest {
    private static final long CAPACITY_BYTES = 4 << 20;

    /** Counts what passes. */
    private static final class Counting extends ForwardingRegion {
        private long lines;
        private long fences;

        Counting() {
            super(new HeapRegion(CAPACITY_BYTES));
        }

        @Override
        public void writeBack(PersistPoint point, long offset, long bytes) {
            lines += (offset + bytes - 1) / LINE_BYTES - offset / LINE_BYTES + 1;
            super.writeBack(point, offset, bytes);
        }

        @Override
        public void fence(PersistPoint point) {
            fences++;
            super.fence(point);
        }

        @Override
        public void writeBackAndFence(PersistPoint point, long offset) {
            writeBack(point, offset, Long.BYTES);
            fence(point);
        }

        @Override
        public long linesWrittenBack() {
            return lines;
        }

        @Override
        public long fences() {
            return fences;
        }
    }

    private static Pool newPool(String policy) {
        return Providers.only(PoolProvider.class)
                .openOn(new Counting(), PoolOptions.create(CAPACITY_BYTES).policy(policy));
    }

    // bitmap: the arena's table word. segregated: the slab's header, then its table word. buddy: nothing.
    @ParameterizedTest
    @CsvSource({"bitmap, 2, 2", "buddy, 1, 1", "segregated, 3, 4"})
    void the_first_allocation_of_a_size_prepares_its_slab_or_arena(String policy, long fences, long linesMax) {
        try (Pool pool = newPool(policy)) {
            PoolStats before = pool.stats();
            pool.allocate(64);
            assertCost(before, pool.stats(), fences, linesMax);
        }
    }

    // The header of the arena comes first, as in a slab.
    @ParameterizedTest
    @CsvSource({"bitmap, 3, 4"})
    void the_first_allocation_of_a_small_size_clears_a_header_too(String policy, long fences, long linesMax) {
        try (Pool pool = newPool(policy)) {
            PoolStats before = pool.stats();
            pool.allocate(16);
            assertCost(before, pool.stats(), fences, linesMax);
        }
    }

    // As a slab: its tags, which are three lines in a whole segment, then its table word. Then a medium block is one
    // line and one fence.
    @ParameterizedTest
    @CsvSource({"segregated, 3, 5"})
    void the_first_medium_block_prepares_its_segment(String policy, long fences, long linesMax) {
        PoolOptions options = PoolOptions.create(CAPACITY_BYTES)
                .policy(policy)
                .policyParameter("largestClassBytes", 1024)
                .policyParameter("mediumBytes", 16_384);
        try (Pool pool = Providers.only(PoolProvider.class).openOn(new Counting(), options)) {
            PoolStats before = pool.stats();
            long first = pool.allocate(5000);
            PoolStats between = pool.stats();
            assertCost(before, between, fences, linesMax);
            pool.allocate(1500);
            PoolStats after = pool.stats();
            assertCost(between, after, 1, 1);
            pool.free(first);
            assertCost(after, pool.stats(), 1, 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"bitmap, 4, 8", "buddy, 3, 7", "segregated, 5, 10"})
    void a_transaction_prepares_it_before_its_own_three_fences(String policy, long fences, long linesMax) {
        try (Pool pool = newPool(policy)) {
            PoolStats before = pool.stats();
            pool.transaction(tx -> {
                tx.allocate(64);
                tx.allocate(64);
            });
            assertCost(before, pool.stats(), fences, linesMax);
        }
    }

    @ParameterizedTest
    @CsvSource({"bitmap, 3, 6", "buddy, 2, 5", "segregated, 4, 8"})
    void a_block_published_to_a_link_prepares_it_before_its_own_two(String policy, long fences, long linesMax) {
        try (Pool pool = newPool(policy)) {
            long slot = pool.rootSlot("r");
            PoolStats before = pool.stats();
            pool.publishTo(slot, pool.reserve(64));
            assertCost(before, pool.stats(), fences, linesMax);
        }
    }

    private static void assertCost(PoolStats before, PoolStats after, long fences, long linesMax) {
        assertThat(after.fences() - before.fences()).as("fences").isEqualTo(fences);
        assertThat(after.linesWrittenBack() - before.linesWrittenBack())
                .as("lines")
                .isLessThanOrEqualTo(linesMax);
    }
}
