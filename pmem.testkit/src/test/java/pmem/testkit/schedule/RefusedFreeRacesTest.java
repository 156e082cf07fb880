package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.TransactionException;
import pmem.spi.HeapRegion;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.testkit.region.ForwardingRegion;

/**
 * A free beside a transaction that frees the same block, in every order of their steps with up to four switches: each may find that the
 * other has it, and one of them frees it. Steps are the places that the code names, not each access to memory.
 */
class RefusedFreeRacesTest {
    private static final int SWITCHES_MAX = 4;
    private static final long CAPACITY_BYTES = 512 << 10;

    /** Names the block. */
    private long slot;

    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    @AfterEach
    void stopThreads() {
        executor.close();
    }

    private interface Free {
        void free(Pool pool, long handle);
    }

    private void race(Free one, Free other) {
        Interleaver[] current = {new Interleaver(Schedule.explicit(), 2)};
        Region region = new ForwardingRegion(new HeapRegion(CAPACITY_BYTES)) {
            @Override
            public void step(String place) {
                current[0].step();
            }
        };
        try (Pool pool = Providers.only(PoolProvider.class)
                .openOn(region, PoolOptions.create(CAPACITY_BYTES).policy("bitmap"))) {
            slot = pool.link(pool.allocate(64), 0);
            new PreemptionSearch(2, SWITCHES_MAX, () -> false).run(schedule -> {
                Interleaver ofRun = new Interleaver(schedule, 2);
                current[0] = ofRun;
                long block = pool.reserve(64);
                pool.publishTo(slot, pool.load(slot), block);
                boolean[] freed = new boolean[2];
                ofRun.run(
                        executor,
                        () -> freed[0] = succeeds(one, pool, block),
                        () -> freed[1] = succeeds(other, pool, block));
                assertThat(freed).as("freed, %s", schedule).containsOnlyOnce(true);
                assertThat(pool.isLive(block)).isFalse();
                return ofRun.steps();
            });
            assertThat(pool.stats().liveBlocks()).as("the slot's own").isEqualTo(1);
            assertThat(pool.verify()).isEmpty();
        }
    }

    private static boolean succeeds(Free free, Pool pool, long block) {
        try {
            free.free(pool, block);
            return true;
        } catch (InvalidHandleException | TransactionException refused) {
            return false;
        }
    }

    @Test
    void of_a_free_and_a_transaction_that_frees_one_succeeds() {
        race(Pool::free, (pool, block) -> pool.transaction(tx -> tx.free(block)));
    }

    @Test
    void of_a_batch_and_a_transaction_that_frees_one_succeeds() {
        race((pool, block) -> pool.freeAll(block), (pool, block) -> pool.transaction(tx -> tx.free(block)));
    }

    @Test
    void of_a_free_and_a_batch_one_succeeds() {
        race(Pool::free, (pool, block) -> pool.freeAll(block));
    }

    @Test
    void of_a_free_and_an_operation_on_a_slot_that_frees_one_succeeds() {
        race(Pool::free, this::unlink);
    }

    @Test
    void of_a_batch_and_an_operation_on_a_slot_that_frees_one_succeeds() {
        race((pool, block) -> pool.freeAll(block), this::unlink);
    }

    private void unlink(Pool pool, long block) {
        assertThat(pool.unlinkAndFree(slot, block, Handles.NONE)).isTrue();
    }
}
