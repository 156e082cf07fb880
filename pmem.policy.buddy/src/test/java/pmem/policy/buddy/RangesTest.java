package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import pmem.api.Handles;

/** Blocks at given places, and parts of the space out of service. */
class RangesTest {
    private static final int UNIT_BYTES = 64;
    // 16 trees of 4096 units.
    private final BuddyHeap heap = new BuddyHeap(256 << 10, 4608 << 10, UNIT_BYTES, false);
    private final long startOffset = heap.layout.handle(heap.layout.firstUnit());
    private final long endOffset = heap.layout.handle(heap.layout.endUnit());

    private BuddyPolicy policy() {
        return (BuddyPolicy) heap.policy();
    }

    @Test
    void a_block_is_reserved_where_it_was_asked_for_unless_something_is_there() {
        long place = 1 << 20;
        assertThat(policy().reserveAt(place, 5000)).isTrue();
        assertThat(policy().liveBlocks()).isEqualTo(1);
        heap.publish(place, policy().allocatedValue(place, 5000, 1));
        assertThat(heap.allocated()).containsOnlyKeys(place);
        assertThat(policy().reserveAt(place, 1)).isFalse();
        assertThat(policy().reserveAt(place + 4096, 1)).isFalse();
        assertThat(policy().reserveAt(place + 8192, 8192)).isTrue();
        assertThat(policy().liveBlocks()).isEqualTo(2);
        heap.free(place);
        assertThat(policy().reserveAt(place + 4096, 64)).isTrue();
        assertThat(heap.verify()).isEmpty();
    }

    @Test
    void a_place_where_no_block_of_the_length_can_start_is_refused() {
        assertThat(policy().reserveAt((1 << 20) + 64, 128)).isFalse();
        assertThat(policy().reserveAt((1 << 20) + 8, 8)).isFalse();
        assertThat(policy().reserveAt(endOffset, 1)).isFalse();
        assertThat(policy().reserveAt(Handles.NONE, 1)).isFalse();
        assertThat(policy().reserveAt(4 << 20, 1 << 20)).isFalse();
        assertThat(policy().liveBlocks()).isZero();
    }

    @Test
    void a_freed_block_that_is_kept_for_a_thread_does_not_hinder() {
        long handle = heap.allocate(64);
        heap.free(handle);
        assertThat(policy().reserveAt(handle, 64)).isTrue();
        policy().release(handle, 1);
        assertThat(policy().withdraw(handle, handle + 64)).isTrue();
    }

    @Test
    void no_block_is_given_out_of_a_part_out_of_service() {
        long from = (2 << 20) + 100;
        assertThat(policy().withdraw(from, endOffset)).isTrue();
        assertThat(heap.policy().usedBytes()).isEqualTo(policy().metadataBytes() + endOffset - (from & -64));
        assertThat(heap.policy().liveBytes()).isZero();
        assertThat(heap.verify()).isEmpty();
        long count = heap.fill(1);
        assertThat(count).isEqualTo(((2 << 20) + 64 - startOffset) / UNIT_BYTES);
        assertThat(heap.allocated().keySet()).allMatch(handle -> handle < from);
        assertThat(policy().restore(from, endOffset - 64)).isFalse();
        assertThat(policy().restore(from, endOffset)).isTrue();
        assertThat(heap.fill(1)).isEqualTo(heap.layout.unitCount() - count);
        assertThat(heap.verify()).isEmpty();
    }

    @Test
    void a_part_with_a_block_stays_in_service() {
        long handle = heap.allocate(4096);
        assertThat(policy().withdraw(startOffset, endOffset)).isFalse();
        assertThat(policy().withdraw(handle + 4000, handle + 5000)).isFalse();
        assertThat(policy().largestFreeBytes()).isPositive();
        heap.free(handle);
        assertThat(policy().withdraw(startOffset, endOffset)).isTrue();
        assertThat(heap.allocate(1)).isEqualTo(Handles.NONE);
        assertThat(policy().largestFreeBytes()).isZero();
        assertThat(policy().restore(startOffset, endOffset)).isTrue();
        assertThat(heap.fill(1)).isEqualTo(heap.layout.unitCount());
    }
}
