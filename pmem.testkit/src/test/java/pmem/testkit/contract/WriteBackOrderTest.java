package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolOptions;
import pmem.spi.HeapRegion;
import pmem.spi.PersistPoint;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.testkit.region.ForwardingRegion;

/**
 * No word is changed by a locked instruction between a write-back and its fence. Such an instruction waits until the line is on media,
 * which costs as much as a fence that nobody counts. Locks and words outside the region are not seen here.
 */
class WriteBackOrderTest {
    private static final long CAPACITY_BYTES = 4 << 20;

    /** Notes locked instructions behind a write-back that is not fenced. */
    private static final class Watching extends ForwardingRegion {
        private final List<String> late = new ArrayList<>();
        private @Nullable PersistPoint unfenced;

        Watching() {
            super(new HeapRegion(CAPACITY_BYTES));
        }

        @Override
        public boolean isTransient() {
            return false;
        }

        @Override
        public void writeBack(PersistPoint point, long offset, long bytes) {
            unfenced = point;
            super.writeBack(point, offset, bytes);
        }

        @Override
        public void fence(PersistPoint point) {
            unfenced = null;
            super.fence(point);
        }

        @Override
        public void writeBackAndFence(PersistPoint point, long offset) {
            unfenced = null;
            super.writeBackAndFence(point, offset);
        }

        @Override
        public boolean compareAndSet(long offset, long expected, long value) {
            locked();
            return super.compareAndSet(offset, expected, value);
        }

        @Override
        public long getAndBitwiseOr(long offset, long bits) {
            locked();
            return super.getAndBitwiseOr(offset, bits);
        }

        @Override
        public long getAndBitwiseAnd(long offset, long mask) {
            locked();
            return super.getAndBitwiseAnd(offset, mask);
        }

        private void locked() {
            if (unfenced != null) {
                late.add(unfenced.name());
            }
        }
    }

    static List<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void all_stores_of_an_operation_come_before_its_first_write_back(String policy) {
        Watching region = new Watching();
        try (Pool pool = Providers.only(PoolProvider.class)
                .openOn(region, PoolOptions.create(CAPACITY_BYTES).policy(policy))) {
            blocks(pool);
            links(pool, pool.rootSlot("slot"));
            links(pool, pool.link(pool.allocateZeroed(64), 0));
            transactions(pool);
        }
        assertThat(region.late)
                .as("points with a locked instruction before their fence")
                .isEmpty();
    }

    private static void blocks(Pool pool) {
        try (PoolAccess access = pool.access()) {
            access.free(access.allocate(64));
        }
        pool.free(pool.allocateZeroed(1000));
        pool.freeAll(pool.allocateAll(64, 64, 1000));
        long block = pool.reserve(64);
        pool.publish(block);
        pool.reallocate(block, 60);
        pool.free(block);
    }

    private static void links(Pool pool, long slot) {
        long first = pool.reserve(64);
        pool.publishTo(slot, first);
        long second = pool.reserve(5000);
        pool.replace(slot, first, second);
        pool.unlinkAndFree(slot, second, Handles.NONE);
        // The operation before may be open still.
        long third = pool.reserve(64);
        pool.publishTo(slot, third);
        assertThat(pool.unlinkAndFree(slot, second, Handles.NONE)).isFalse();
        pool.unlinkAndFree(slot, third, Handles.NONE);
    }

    private static void transactions(Pool pool) {
        long[] blocks = new long[3];
        pool.transaction(tx -> {
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = tx.allocate(64L << (3 * i));
            }
        });
        pool.transaction(tx -> {
            tx.snapshot(blocks[2], 0, 200);
            tx.free(blocks[0]);
            tx.set(blocks[1], 8, 5);
            tx.free(blocks[1]);
            tx.allocate(128);
        });
    }
}
