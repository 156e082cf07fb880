package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.spi.HeapRegion;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.testkit.region.ForwardingRegion;
import pmem.testkit.region.SimulatedRegion;

/** A pool in a region that is longer: a device, of which it takes the first part, or a file that somebody has made longer. */
class LongerRegionTest {
    private static final int POOL_BYTES = 1 << 20;
    private static final int REGION_BYTES = 3 << 20;
    private static final PoolProvider PROVIDER = Providers.only(PoolProvider.class);

    static List<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    private static Region longerThanItsPool(String policy, boolean device) {
        HeapRegion exact = new HeapRegion(POOL_BYTES);
        PROVIDER.openOn(exact, PoolOptions.create(POOL_BYTES).policy(policy)).close();
        byte[] image = Arrays.copyOf(exact.image(), REGION_BYTES);
        return new ForwardingRegion(new HeapRegion(image)) {
            @Override
            public boolean isDevice() {
                return device;
            }
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_longer_file_is_worth_a_note_and_a_longer_device_is_not(boolean device) {
        try (Pool pool = PROVIDER.openOn(longerThanItsPool("segregated", device), PoolOptions.open())) {
            assertThat(pool.recovery().notes().stream().anyMatch(note -> note.contains("larger than the pool")))
                    .isEqualTo(!device);
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void what_does_not_fit_is_compared_with_the_pool_and_not_with_the_region(String policy) {
        try (Pool pool = PROVIDER.openOn(longerThanItsPool(policy, true), PoolOptions.open())) {
            assertThatThrownBy(() -> pool.allocate(2 * POOL_BYTES))
                    .isInstanceOf(OutOfSpaceException.class)
                    .hasMessageContaining("capacityBytes=" + POOL_BYTES + " ");
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_pool_that_can_grow_tells_its_size_of_now(String policy) {
        Region region = SimulatedRegion.untracked(SimulatedRegion.growableWords(POOL_BYTES, REGION_BYTES));
        PoolOptions options = PoolOptions.create(POOL_BYTES).policy(policy).maxCapacity(REGION_BYTES);
        try (Pool pool = PROVIDER.openOn(region, options)) {
            pool.grow(2 * POOL_BYTES);
            assertThatThrownBy(() -> pool.allocate(REGION_BYTES))
                    .isInstanceOf(OutOfSpaceException.class)
                    .hasMessageContaining("capacityBytes=" + 2 * POOL_BYTES + " ");
        }
    }
}
