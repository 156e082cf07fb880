package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import pmem.api.Pool;

/** A pool made without a maximum of its size, as every pool on a device is. */
@OnEveryDomain
public abstract class FixedSizeContract extends ContractTest {
    /** For JUnit. */
    protected FixedSizeContract() {}

    // "Only pools created with PoolOptions.maxCapacity can grow."
    @Test
    void it_does_not_grow_and_says_what_would() {
        Pool pool = newPool();
        long bytes = pool.stats().capacityBytes();
        assertThat(pool.maxCapacityBytes()).isEqualTo(bytes);
        assertThat(pool.grow(bytes)).isEqualTo(bytes);
        assertThatThrownBy(() -> pool.grow(bytes + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PoolOptions.maxCapacity");
    }

    // "Only pools in files and volatile pools that were created with PoolOptions.maxCapacity can shrink."
    @Test
    void it_does_not_shrink_and_says_what_would() {
        Pool pool = newPool();
        long bytes = pool.stats().capacityBytes();
        assertThat(pool.minCapacityBytes()).isEqualTo(bytes);
        assertThat(pool.shrink(bytes).capacityBytes()).isEqualTo(bytes);
        assertThatThrownBy(() -> pool.shrink(bytes - 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PoolOptions.maxCapacity");
        assertThat(pool.stats().capacityBytes()).isEqualTo(bytes);
    }
}
