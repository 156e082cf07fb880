package pmem.testkit.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import pmem.api.Handles;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.Providers;

/** What the maintainer of the segregated policy does with the storage of free space; a store to a hole is an error here. */
class StorageReturnTest {
    private static final int START_OFFSET = 4096;
    private static final int SPACE_BYTES = 256 << 10;
    private static final long KEPT_BYTES = 32 << 10;
    private static final int TICKS = 3;

    private static final class CountingRegion extends ForwardingRegion {
        private final CountDownLatch first = new CountDownLatch(1);
        private long releasedBytes;

        CountingRegion() {
            super(SimulatedRegion.untracked(new long[(START_OFFSET + SPACE_BYTES) / Long.BYTES]));
        }

        @Override
        public long releaseStorage(long offset, long bytes) {
            long released = super.releaseStorage(offset, bytes);
            releasedBytes += released;
            if (released > 0) {
                first.countDown();
            }
            return released;
        }
    }

    private final CountingRegion region = new CountingRegion();
    private final Policy policy = attach(0);

    private Policy attach(long maintenanceMillis) {
        PolicyProvider provider = Providers.policy("segregated");
        Map<String, Long> parameters = Map.of(
                "giveBackTicks",
                (long) TICKS,
                "freeBytesKept",
                KEPT_BYTES,
                "maintenanceMillis",
                maintenanceMillis,
                "emptySlabsKept",
                0L);
        PolicySpace space = new PolicySpace(region, START_OFFSET, START_OFFSET + SPACE_BYTES, true);
        return provider.attach(space, PolicyParameters.of(provider, parameters));
    }

    private List<Long> fill(long bytes) {
        List<Long> handles = new ArrayList<>();
        for (long handle = policy.reserve(bytes, 1); handle != Handles.NONE; handle = policy.reserve(bytes, 1)) {
            region.storePlain(handle, handle);
            handles.add(handle);
        }
        return handles;
    }

    private void release(List<Long> handles, long bytes) {
        handles.forEach(handle -> policy.release(handle, policy.allocatedValue(handle, bytes, 1)));
    }

    private long releasedAfterLooks(int looks) {
        long before = region.releasedBytes;
        for (int i = 0; i < looks; i++) {
            policy.maintain();
        }
        return region.releasedBytes - before;
    }

    @Test
    void what_is_free_at_some_looks_goes_back_but_for_an_amount_that_is_kept() {
        List<Long> handles = fill(3000);
        release(handles, 3000);
        assertThat(releasedAfterLooks(TICKS - 1)).isZero();
        long free = SPACE_BYTES - policy.metadataBytes();
        assertThat(releasedAfterLooks(1)).isBetween(free - KEPT_BYTES - 1024, free - KEPT_BYTES);
        assertThat(releasedAfterLooks(10)).as("what has gone already").isZero();
        assertThat(fill(3000)).as("all storage comes again").hasSameSizeAs(handles);
    }

    @Test
    void what_is_used_keeps_its_storage() {
        List<Long> handles = fill(3000);
        List<Long> kept = handles.subList(0, handles.size() / 2);
        release(handles.subList(handles.size() / 2, handles.size()), 3000);
        assertThat(releasedAfterLooks(TICKS)).isPositive();
        kept.forEach(handle -> assertThat(region.loadPlain(handle)).isEqualTo(handle));
    }

    @Test
    void what_is_used_again_in_between_goes_back_later() {
        release(fill(3000), 3000);
        assertThat(releasedAfterLooks(TICKS - 1)).isZero();
        List<Long> again = fill(5000);
        List<Long> rest = fill(500);
        assertThat(releasedAfterLooks(1)).isZero();
        release(again, 5000);
        release(rest, 500);
        assertThat(releasedAfterLooks(TICKS - 1)).isZero();
        assertThat(releasedAfterLooks(1)).isPositive();
    }

    @Test
    @Timeout(60)
    void the_looks_begin_though_all_blocks_are_large_and_there_is_no_access() throws InterruptedException {
        Policy looking = attach(1);
        try {
            long handle = looking.reserve(2 * KEPT_BYTES, 1);
            looking.release(handle, looking.allocatedValue(handle, 2 * KEPT_BYTES, 1));
            region.first.await();
        } finally {
            looking.close();
        }
        assertThat(region.releasedBytes).isPositive();
    }
}
