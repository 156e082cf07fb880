package pmem.testkit.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolIoException;
import pmem.api.PoolOptions;
import pmem.spi.HeapRegion;
import pmem.spi.PersistPoint;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.testkit.region.ForwardingRegion;

/** A flush that the system could not do: the caller is told, and no later call promises what it cannot keep. */
class FailingFlushTest {
    private static final long CAPACITY_BYTES = 2 << 20;

    private final HeapRegion memory = new HeapRegion(CAPACITY_BYTES);
    private final Failing region = new Failing(memory);

    /** Fails at one point, and from then on at every fence, as regions do. */
    private static final class Failing extends ForwardingRegion {
        private String point = "";
        private boolean failed;

        Failing(Region region) {
            super(region);
        }

        @Override
        public void fence(PersistPoint passed) {
            failed |= passed.name().equals(point);
            if (failed) {
                throw new PoolIoException("the disk is gone: point=" + passed);
            }
            super.fence(passed);
        }

        @Override
        public void writeBackAndFence(PersistPoint passed, long offset) {
            writeBack(passed, offset, Long.BYTES);
            fence(passed);
        }
    }

    private Pool pool(PoolOptions options) {
        return Providers.only(PoolProvider.class).openOn(region, options);
    }

    private static PoolOptions creation() {
        return PoolOptions.create(CAPACITY_BYTES).policy("buddy").lanes(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitmap", "buddy", "segregated"})
    void a_failed_group_flush_poisons_the_pool_for_every_later_sync(String policy) {
        Pool pool = pool(creation().policy(policy).groupCommit(Duration.ZERO));
        long handle = pool.allocate(64);
        pool.sync();
        pool.free(handle);
        region.point = "group.sync";
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(pool::sync).isInstanceOf(PoolIoException.class);
        }
        assertThatThrownBy(() -> pool.allocate(64)).isInstanceOf(PoolIoException.class);
        // The block whose free never became durable is given to nobody.
        assertThat(pool.reserve(64)).isNotEqualTo(handle);
    }

    @ParameterizedTest
    @ValueSource(strings = {"link.intent", "link.changes"})
    void a_link_that_failed_half_way_is_whole_again_after_the_next_open(String point) {
        Pool pool = pool(creation());
        long slot = pool.rootSlot("r");
        long handle = pool.reserve(64);
        region.point = point;
        assertThatThrownBy(() -> pool.publishTo(slot, handle)).isInstanceOf(PoolIoException.class);
        // The only lane is not given back, and whoever asks for one is told instead of waiting.
        assertThatThrownBy(() -> pool.transaction(tx -> tx.allocate(64))).isInstanceOf(PoolIoException.class);
        assertWholeAfterReopen();
    }

    @ParameterizedTest
    @ValueSource(strings = {"log.entries", "log.changes", "log.snapshot"})
    void a_transaction_that_failed_half_way_is_undone_by_the_next_open(String point) {
        Pool pool = pool(creation());
        long block = pool.allocate(64);
        region.point = point;
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.snapshot(block, 0, 8);
                    tx.free(block);
                    tx.allocate(100);
                }))
                .isInstanceOf(PoolIoException.class);
        assertThatThrownBy(() -> pool.transaction(tx -> tx.allocate(64))).isInstanceOf(PoolIoException.class);
        try (Pool reopened =
                Providers.only(PoolProvider.class).openOn(new HeapRegion(memory.image()), PoolOptions.open())) {
            assertThat(reopened.isLive(block)).isTrue();
            assertThat(reopened.stats().liveBlocks()).isEqualTo(1);
            assertThat(reopened.verify()).isEmpty();
        }
    }

    // The link is open still: what frees its block settles it first. The other block may be in the same state word.
    @ParameterizedTest
    @ValueSource(strings = {"bitmap", "buddy", "segregated"})
    void blocks_whose_free_failed_before_any_was_free_for_good_are_live_as_before(String policy) {
        Pool pool = pool(creation().policy(policy));
        long linked = pool.reserve(64);
        pool.publishTo(pool.rootSlot("r"), linked);
        long other = pool.allocate(64);
        region.point = "link.settled";
        assertThatThrownBy(() -> pool.freeAll(linked, other)).isInstanceOf(PoolIoException.class);
        assertThat(pool.isLive(linked)).isTrue();
        assertThat(pool.isLive(other)).isTrue();
        assertThatThrownBy(() -> pool.free(linked)).isInstanceOf(PoolIoException.class);
        assertThat(pool.isLive(linked)).isTrue();
    }

    private void assertWholeAfterReopen() {
        try (Pool reopened =
                Providers.only(PoolProvider.class).openOn(new HeapRegion(memory.image()), PoolOptions.open())) {
            long root = reopened.root("r");
            assertThat(reopened.stats().liveBlocks()).isEqualTo(root == Handles.NONE ? 0 : 1);
            assertThat(reopened.verify()).isEmpty();
        }
    }
}
