package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Handles;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;

/** What accesses and threads keep, and how others get it. */
class StashTest {
    private static final long SPACE_BYTES = 4 << 20;

    private final BuddyHeap heap = BuddyHeap.ofBytes(SPACE_BYTES);
    private final Policy policy = heap.policy();
    private final long fresh = policy.largestFreeBytes();

    private static List<Long> reserveAll(PolicyAccess access, long bytes) {
        List<Long> handles = new ArrayList<>();
        for (long handle = access.reserve(bytes, 1); handle != Handles.NONE; handle = access.reserve(bytes, 1)) {
            handles.add(handle);
        }
        return handles;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_block_freed_last_is_the_next_one(boolean exclusive) {
        try (PolicyAccess access = policy.openAccess(exclusive)) {
            long first = access.reserve(300, 1);
            long second = access.reserve(300, 1);
            access.release(first, 5);
            access.release(second, 5);
            assertThat(policy.liveBlocks()).isZero();
            assertThat(policy.liveBytes()).isZero();
            assertThat(access.reserve(300, 1)).isEqualTo(second);
            assertThat(access.reserve(320, 1)).isEqualTo(first);
            assertThat(policy.liveBytes()).isEqualTo(640);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_access_hands_out_every_unit_and_gives_all_back_when_it_closes(boolean exclusive) {
        PolicyAccess access = policy.openAccess(exclusive);
        List<Long> handles = reserveAll(access, 1);
        assertThat(handles).hasSize((int) heap.layout.unitCount()).doesNotHaveDuplicates();
        assertThat(policy.usedBytes()).isEqualTo(SPACE_BYTES);
        handles.forEach(handle -> access.release(handle, 1));
        assertThat(policy.usedBytes()).isEqualTo(policy.metadataBytes());
        access.close();
        access.close();
        assertThat(policy.largestFreeBytes()).isEqualTo(fresh);
        assertThat(heap.verify()).isEmpty();
    }

    @Test
    void what_a_shared_access_keeps_is_taken_by_others_before_there_is_no_room() {
        PolicyAccess keeping = policy.openAccess(false);
        PolicyAccess taking = policy.openAccess(false);
        List<Long> handles = reserveAll(keeping, 64);
        for (long handle : handles.subList(0, 20)) {
            keeping.release(handle, 1);
        }
        assertThat(reserveAll(taking, 64)).containsExactlyInAnyOrderElementsOf(handles.subList(0, 20));
        for (long handle : handles) {
            taking.release(handle, 1);
        }
        assertThat(policy.largestFreeBytes()).isEqualTo(fresh);
        assertThat(policy.liveBlocks()).isZero();
    }

    @Test
    void what_an_exclusive_access_keeps_is_its_own_until_it_closes() {
        PolicyAccess keeping = policy.openAccess(true);
        List<Long> handles = reserveAll(keeping, 64);
        keeping.release(handles.getFirst(), 1);
        assertThat(policy.reserve(1, 1)).isEqualTo(Handles.NONE);
        assertThat(policy.liveBlocks()).isEqualTo(handles.size() - 1L);
        keeping.close();
        assertThat(policy.reserve(1, 1)).isEqualTo(handles.getFirst());
    }

    @Test
    void an_exclusive_access_finds_what_it_keeps_itself_in_other_lengths() {
        PolicyAccess access = policy.openAccess(true);
        List<Long> handles = reserveAll(access, 64);
        List<Long> neighbours = handles.stream()
                .filter(handle -> handle < 1 << 20 && handle >= (1 << 20) - 1024)
                .toList();
        neighbours.forEach(handle -> access.release(handle, 1));
        assertThat(access.reserve(1024, 1)).isEqualTo((1 << 20) - 1024);
        access.close();
    }

    @Test
    void a_block_is_allocated_and_freed_at_once() {
        try (PolicyAccess access = policy.openAccess(true)) {
            long handle = access.allocateAtOnce(300, 1);
            assertThat(heap.allocated()).isEqualTo(Map.of(handle, 320L));
            assertThat(access.freeAtOnce(handle + 64)).isFalse();
            assertThat(access.freeAtOnce(handle + 1)).isFalse();
            assertThat(access.freeAtOnce(Handles.NONE)).isFalse();
            assertThat(access.freeAtOnce(Long.MAX_VALUE & -64)).isFalse();
            assertThat(access.allocateAtOnce(2 * SPACE_BYTES, 1)).isEqualTo(Handles.NONE);
            assertThat(policy.liveBlocks()).isEqualTo(1);
            assertThat(access.freeAtOnce(handle)).isTrue();
            assertThat(access.freeAtOnce(handle)).isFalse();
            assertThat(heap.allocated()).isEmpty();
            assertThat(policy.liveBlocks()).isZero();
            assertThat(heap.verify()).isEmpty();
        }
    }

    @Test
    void a_block_with_a_tag_on_media_is_not_handed_out_at_once() {
        try (PolicyAccess access = policy.openAccess(true)) {
            long handle = access.allocateAtOnce(64, 1);
            access.freeAtOnce(handle);
            heap.publish(handle, 3);
            assertThat(access.allocateAtOnce(64, 1)).isEqualTo(Handles.NONE);
            assertThat(policy.liveBlocks()).isZero();
            assertThat(heap.value(handle)).isEqualTo(3);
        }
    }

    @Test
    void a_stricter_alignment_than_that_of_kept_blocks_is_kept_too() {
        try (PolicyAccess access = policy.openAccess(true)) {
            long handle = access.reserve(64, 1);
            access.release(handle, 1);
            for (long alignmentBytes = 64; alignmentBytes <= 1 << 20; alignmentBytes *= 2) {
                assertThat(access.reserve(64, alignmentBytes) % alignmentBytes).isZero();
            }
        }
    }

    @Test
    void no_more_than_a_small_part_of_the_space_is_kept() {
        try (PolicyAccess access = policy.openAccess(true)) {
            for (long bytes = 64; bytes <= SPACE_BYTES / 8; bytes *= 2) {
                List<Long> handles = reserveAll(access, bytes);
                long value = policy.allocatedValue(handles.getFirst(), bytes, 1);
                handles.forEach(handle -> access.release(handle, value));
                long kept = SPACE_BYTES - policy.metadataBytes() - heap.freeBytesInTrees();
                assertThat(kept).as("after blocks of %d", bytes).isLessThanOrEqualTo(SPACE_BYTES / 256);
            }
        }
    }

    @Test
    void memory_for_trees_and_stashes_is_a_thousandth_of_a_space_of_pages_at_most() {
        long spaceBytes = 1L << 30;
        FreeTrees trees = new FreeTrees(256, 256 + (spaceBytes >>> 12), 12);
        Stripe stripe = new Stripe(trees, 1);
        List<Long> units = new ArrayList<>();
        for (long unit = stripe.take(0, 1); unit != FreeTrees.NONE; unit = stripe.take(0, 1)) {
            units.add(unit);
        }
        assertThat(units).hasSize((int) (spaceBytes >>> 12));
        for (int i = 0; i < units.size(); i += 2) {
            stripe.give(units.get(i), 1, 1);
        }
        // And what is kept for eight threads.
        assertThat(trees.indexBytes() + 8 * Stash.indexBytesMax()).isLessThanOrEqualTo(spaceBytes / 1000);
    }
}
