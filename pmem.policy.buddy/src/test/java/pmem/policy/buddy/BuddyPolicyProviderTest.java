package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.spi.HeapRegion;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.Providers;

class BuddyPolicyProviderTest {
    private final BuddyPolicyProvider provider = new BuddyPolicyProvider();

    @Test
    void the_policy_is_found_by_its_id() {
        assertThat(Providers.policy("buddy")).isInstanceOf(BuddyPolicyProvider.class);
        assertThat(provider.id()).isEqualTo("buddy");
        assertThat(provider.formatVersion()).isEqualTo(1);
        assertThat(provider.summary()).endsWith(".");
    }

    @Test
    void parameters_have_the_documented_defaults() {
        PolicyParameters defaults = PolicyParameters.of(provider, Map.of());
        assertThat(defaults).hasToString("{unitBytes=64, keepTail=0}");
        assertThat(BuddyParameters.from(defaults)).isEqualTo(new BuddyParameters(64, false));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 8, 48, 1 << 21, -64})
    void a_unit_that_is_no_power_of_two_in_range_is_refused(long unitBytes) {
        assertThatThrownBy(() -> new BuddyParameters(unitBytes, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("policy=buddy", "parameter=unitBytes", "16 to 1048576", "found=" + unitBytes);
        assertThatThrownBy(() -> PolicyParameters.of(provider, Map.of("unitBytes", unitBytes)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {16, 64, 4096, 1 << 20})
    void the_smallest_space_holds_a_block(long unitBytes) {
        PolicyParameters parameters = BuddyHeap.parameters(unitBytes, false);
        long bytes = provider.minimumBytes(parameters);
        for (long start = 4096; start <= (2L << 20); start += 4096 * 85) {
            BuddyHeap heap = new BuddyHeap(start, start + bytes, unitBytes, false);
            assertThat(heap.policy().largestFreeBytes()).isGreaterThanOrEqualTo(unitBytes);
            assertThat(heap.fill(unitBytes)).isPositive();
        }
    }

    @Test
    void format_clears_and_writes_back_the_map_of_a_used_space_and_nothing_else() {
        HeapRegion region = new HeapRegion(12_288 + 4096);
        region.fill(0, region.capacityBytes(), 0x5a);
        PolicySpace space = new PolicySpace(region, 4096, 12_288);
        PolicyParameters parameters = PolicyParameters.of(provider, Map.of());
        provider.format(space, parameters, false);
        assertThat(provider.persistPoints()).hasSize(1);
        PersistPoint point = provider.persistPoints().getFirst();
        assertThat(point.name()).isEqualTo("buddy.tags-formatted");
        assertThat(region.writtenBack()).containsExactly(new HeapRegion.WrittenBack(point, 4096, 128));
        assertThat(region.fences()).isZero();
        for (long offset = 0; offset < region.capacityBytes(); offset++) {
            boolean cleared = offset >= 4096 && offset < 4224;
            assertThat(region.byteAt(offset)).isEqualTo(cleared ? 0 : 0x5a);
        }
        Policy policy = provider.attach(space, parameters);
        assertThat(policy.liveBlocks()).isZero();
        assertThat(policy.largestFreeBytes()).isEqualTo(64 * 64);
        policy.close();
    }

    @Test
    void format_writes_nothing_to_a_zeroed_space() {
        BuddyHeap heap = BuddyHeap.ofBytes(8 << 10);
        assertThat(heap.region.writtenBack()).isEmpty();
        assertThat(heap.region.image()).containsOnly(0);
    }

    @Test
    void format_refuses_a_space_that_holds_no_unit() {
        PolicySpace space = new PolicySpace(new HeapRegion(8192), 4096, 8192);
        assertThatThrownBy(() -> provider.format(space, BuddyHeap.parameters(4096, false), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("space does not fit the buddy policy");
    }
}
