package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.HeapRegion;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.StateField;

/** Medium blocks that an access keeps, whether or not its slabs are its alone: everybody else gets them who needs them. */
class CachedMediumBlocksTest {
    private static final int START_OFFSET = 4096;
    private static final int REGION_BYTES = 256 << 10;
    private static final int BLOCK_BYTES = 8192;

    private final HeapRegion region = new HeapRegion(REGION_BYTES);
    private final Policy policy = attach();

    private Policy attach() {
        SegregatedProvider provider = new SegregatedProvider();
        return provider.attach(
                new PolicySpace(region, START_OFFSET, region.capacityBytes()),
                PolicyParameters.of(provider, Map.of("arenas", 1L, "maintenanceMillis", 0L)));
    }

    private static List<Long> fill(PolicyAccess access) {
        List<Long> handles = new ArrayList<>();
        for (long handle = reserve(access); handle != Handles.NONE; handle = reserve(access)) {
            handles.add(handle);
        }
        return handles;
    }

    private static long reserve(PolicyAccess access) {
        return access.reserve(BLOCK_BYTES, 1);
    }

    private static void release(PolicyAccess access, long handle) {
        access.release(handle, access.allocatedValue(handle, BLOCK_BYTES, 1));
    }

    private void requireSound() {
        List<Finding> findings = new ArrayList<>();
        policy.verify(findings::add);
        assertThat(findings).isEmpty();
    }

    /** Whether a block is in a segment: its state is a byte, which that of a block of whole pages is not. */
    private boolean isMedium(long handle) {
        return StateField.isByte(policy.stateField(handle));
    }

    private long lastMedium(List<Long> handles) {
        return handles.stream().filter(this::isMedium).toList().getLast();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_block_is_there_again_for_the_access_that_released_it(boolean exclusive) {
        try (PolicyAccess access = policy.openAccess(exclusive)) {
            long handle = reserve(access);
            for (int i = 0; i < 5; i++) {
                release(access, handle);
                assertThat(reserve(access)).isEqualTo(handle);
            }
            assertThat(policy.liveBlocks()).isEqualTo(1);
            release(access, handle);
            assertThat(policy.liveBytes()).isZero();
            assertThat(policy.liveBlocks()).isZero();
            requireSound();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_last_room_is_got_by_who_has_no_access_and_by_another_one(boolean exclusive) {
        try (PolicyAccess access = policy.openAccess(exclusive);
                PolicyAccess other = policy.openAccess(exclusive)) {
            List<Long> all = fill(access);
            long last = lastMedium(all);
            release(access, last);
            assertThat(policy.largestFreeBytes()).isGreaterThanOrEqualTo(BLOCK_BYTES);
            assertThat(policy.reserve(BLOCK_BYTES, 1)).isEqualTo(last);
            release(access, last);
            assertThat(reserve(other)).isEqualTo(last);
            assertThat(reserve(access)).isEqualTo(Handles.NONE);
            requireSound();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void neighbours_that_wait_apart_serve_one_larger_block_and_small_ones(boolean exclusive) {
        try (PolicyAccess access = policy.openAccess(exclusive);
                PolicyAccess other = policy.openAccess(exclusive)) {
            List<Long> all = fill(access);
            long first = all.stream()
                    .filter(handle -> isMedium(handle) && all.contains(handle + BLOCK_BYTES))
                    .findFirst()
                    .orElseThrow();
            release(access, first);
            release(other, first + BLOCK_BYTES);
            assertThat(policy.largestFreeBytes()).isGreaterThanOrEqualTo(2L * BLOCK_BYTES);
            assertThat(policy.reserve(2 * BLOCK_BYTES, 1)).isEqualTo(first);
            policy.release(first, policy.allocatedValue(first, 2 * BLOCK_BYTES, 1));
            long again = reserve(access);
            release(access, again);
            assertThat(policy.reserve(64, 1)).as("a small block").isNotEqualTo(Handles.NONE);
            requireSound();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void filling_draining_and_filling_again_reaches_the_same_count(boolean exclusive) {
        try (PolicyAccess access = policy.openAccess(exclusive);
                PolicyAccess other = policy.openAccess(exclusive)) {
            List<Long> first = fill(access);
            for (int round = 0; round < 3; round++) {
                PolicyAccess filler = round % 2 == 0 ? access : other;
                first.forEach(handle -> release(filler, handle));
                assertThat(policy.liveBlocks()).isZero();
                assertThat(policy.reserve(REGION_BYTES, 1))
                        .as("makes all give way")
                        .isEqualTo(Handles.NONE);
                assertThat(fill(other)).hasSameSizeAs(first);
            }
            requireSound();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_block_is_given_back_once_though_it_waits(boolean exclusive) {
        try (PolicyAccess access = policy.openAccess(exclusive);
                PolicyAccess other = policy.openAccess(exclusive)) {
            long handle = reserve(access);
            long value = access.allocatedValue(handle, BLOCK_BYTES, 1);
            access.release(handle, value);
            assertThatThrownBy(() -> access.release(handle, value)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> other.release(handle, value)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> policy.release(handle, value)).isInstanceOf(IllegalStateException.class);
            requireSound();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closing_trimming_and_looking_for_the_used_end_give_all_of_it_back(boolean exclusive) {
        long empty = policy.usedBytes();
        PolicyAccess access = policy.openAccess(exclusive);
        releaseSome(access, 4);
        access.close();
        assertThat(policy.reserve(REGION_BYTES, 1)).isEqualTo(Handles.NONE);
        assertThat(policy.usedBytes()).as("after a close").isEqualTo(empty);
        PolicyAccess trimmed = policy.openAccess(exclusive);
        releaseSome(trimmed, 4);
        long before = policy.usedBytes();
        policy.trim(1, (offset, bytes) -> 0);
        assertThat(policy.usedBytes()).as("after a trim").isLessThan(before);
        releaseSome(trimmed, 4);
        policy.usedEndOffset();
        assertThat(policy.usedBytes()).as("after a look for the end").isEqualTo(empty);
        requireSound();
    }

    private static void releaseSome(PolicyAccess access, int count) {
        long[] handles = new long[count];
        Arrays.setAll(handles, i -> access.reserve(2 * BLOCK_BYTES, 1));
        for (long handle : handles) {
            access.release(handle, access.allocatedValue(handle, 2 * BLOCK_BYTES, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_maintainer_gives_back_what_an_idle_access_keeps(boolean exclusive) {
        long empty = policy.usedBytes();
        PolicyAccess access = policy.openAccess(exclusive);
        releaseSome(access, 4);
        long kept = policy.usedBytes();
        policy.maintain();
        assertThat(policy.usedBytes()).as("after a look that finds it used").isEqualTo(kept);
        for (int look = 0; look < 4; look++) {
            policy.maintain();
        }
        assertThat(policy.usedBytes()).isLessThan(kept);
        policy.usedEndOffset();
        assertThat(policy.usedBytes()).isEqualTo(empty);
        requireSound();
    }
}
