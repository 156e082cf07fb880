package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Handles;
import pmem.spi.HeapRegion;

/** The slab that stands where there is none. */
class SlabTest {
    @ParameterizedTest
    @ValueSource(longs = {Handles.NONE, -8, -1, 1, 8, Long.MIN_VALUE, Long.MAX_VALUE})
    void no_handle_lies_in_no_slab(long handle) {
        assertThat(Slab.NONE.indexOf(handle)).isNegative();
        assertThat(Slab.NONE.free(new HeapRegion(4096), handle)).isEqualTo(Slab.NOT_LIVE);
    }

    @Test
    void no_block_can_be_claimed_from_no_slab() {
        HeapRegion region = new HeapRegion(4096);
        assertThat(Slab.NONE.isFull()).isTrue();
        assertThat(Slab.NONE.isEmpty()).isFalse();
        assertThat(Slab.NONE.claim(region)).isNegative();
        assertThat(Slab.NONE.allocate(region)).isEqualTo(Handles.NONE);
    }

    @Test
    void nobody_owns_no_slab() {
        assertThat(Slab.NONE.owner()).isNull();
    }
}
