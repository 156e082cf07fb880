package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Handles;
import pmem.spi.Policy;

class BuddyPolicyTest {
    @ParameterizedTest
    @CsvSource({
        "4096, 8192, 64",
        "4096, 1024, 64",
        "4096, 4096, 16",
        "12288, 1052672, 64",
        "8192, 532480, 128",
        "1048576, 3145728, 4096",
        "20480, 4214784, 65536",
        "4096, 4194304, 1048576"
    })
    void units_until_full_are_exactly_the_capacity(long startOffset, long spaceBytes, long unitBytes) {
        BuddyHeap heap = new BuddyHeap(startOffset, startOffset + spaceBytes, unitBytes, false);
        Policy policy = heap.policy();
        long fresh = policy.largestFreeBytes();
        assertThat(heap.fill(1)).isEqualTo((spaceBytes - policy.metadataBytes()) / unitBytes);
        assertThat(policy.usedBytes()).isEqualTo(spaceBytes);
        assertThat(policy.largestFreeBytes()).isZero();
        assertThat(heap.verify()).isEmpty();
        heap.allocated().keySet().forEach(heap::free);
        assertThat(policy.largestFreeBytes()).isEqualTo(fresh);
        assertThat(policy.usedBytes()).isEqualTo(policy.metadataBytes());
        assertThat(policy.liveBlocks()).isZero();
        assertThat(heap.verify()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void every_size_up_to_a_quarter_is_served_on_a_fresh_space(boolean keepTail) {
        long spaceBytes = 64 << 10;
        BuddyHeap heap = new BuddyHeap(12_288, 12_288 + spaceBytes, 64, keepTail);
        long fresh = heap.policy().largestFreeBytes();
        for (long bytes = 1; bytes <= spaceBytes / 4; bytes++) {
            long handle = heap.allocate(bytes);
            assertThat(handle).as("bytes %d", bytes).isNotEqualTo(Handles.NONE);
            assertThat(heap.usableBytes(handle)).as("bytes %d", bytes).isGreaterThanOrEqualTo(bytes);
            heap.free(handle);
            assertThat(heap.policy().largestFreeBytes()).isEqualTo(fresh);
        }
    }

    @Test
    void a_block_gives_back_what_the_next_length_does_not_need() {
        BuddyHeap heap = BuddyHeap.ofBytes(64 << 10);
        long handle = heap.allocate(33 * 64);
        assertThat(handle % (64 * 64)).isZero();
        assertThat(heap.usableBytes(handle)).isEqualTo(36 * 64);
        assertThat(heap.policy().liveBytes()).isEqualTo(36 * 64);
        assertThat(heap.allocated()).isEqualTo(Map.of(handle, 36L * 64));
        assertThat(heap.verify()).isEmpty();
    }

    @Test
    void a_kept_tail_belongs_to_the_block() {
        BuddyHeap heap = new BuddyHeap(4096, 4096 + (64 << 10), 64, true);
        long handle = heap.allocate(33 * 64);
        assertThat(heap.usableBytes(handle)).isEqualTo(64 * 64);
        assertThat(heap.policy().liveBytes()).isEqualTo(64 * 64);
        assertThat(heap.verify()).isEmpty();
    }

    @Test
    void tails_are_handed_out_and_join_again() {
        BuddyHeap heap = BuddyHeap.ofBytes(64 << 10);
        long fresh = heap.policy().largestFreeBytes();
        List<Long> handles = new ArrayList<>();
        for (long handle = heap.allocate(33 * 64); handle != Handles.NONE; handle = heap.allocate(33 * 64)) {
            handles.add(handle);
        }
        long capacityUnits = heap.layout.unitCount();
        assertThat(heap.fill(1)).isEqualTo(capacityUnits - 36L * handles.size());
        heap.allocated().keySet().forEach(heap::free);
        assertThat(heap.policy().largestFreeBytes()).isEqualTo(fresh);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 6, 9, 12, 14, 16, 18})
    void any_alignment_up_to_the_largest_order_is_served_at_any_size(int alignmentShift) {
        long alignmentBytes = 1L << alignmentShift;
        BuddyHeap heap = new BuddyHeap(4096, 1 << 20, 64, false);
        assertThat(heap.policy().largestFreeBytes()).isGreaterThanOrEqualTo(alignmentBytes);
        long fresh = heap.policy().largestFreeBytes();
        for (long bytes : new long[] {1, 64, 65, 700, 5000, 40_000}) {
            long handle = heap.allocate(bytes, alignmentBytes);
            assertThat(handle).isNotEqualTo(Handles.NONE);
            assertThat(handle % alignmentBytes).isZero();
            assertThat(heap.usableBytes(handle)).isBetween(bytes, Math.max(64, bytes + bytes / 8 + 64));
            assertThat(heap.policy().usedBytes()).isEqualTo(heap.policy().metadataBytes() + heap.usableBytes(handle));
            assertThat(heap.verify()).isEmpty();
            heap.free(handle);
            assertThat(heap.policy().largestFreeBytes()).isEqualTo(fresh);
        }
    }

    @Test
    void requests_no_block_can_serve_get_none() {
        Policy policy = BuddyHeap.ofBytes(64 << 10).policy();
        long largest = policy.largestFreeBytes();
        assertThat(policy.reserve(largest + 1, 1)).isEqualTo(Handles.NONE);
        assertThat(policy.reserve(Long.MAX_VALUE, 1)).isEqualTo(Handles.NONE);
        assertThat(policy.reserve(1, largest * 2)).isEqualTo(Handles.NONE);
        assertThat(policy.reserve(1, 1L << 62)).isEqualTo(Handles.NONE);
        assertThat(policy.usedBytes()).isEqualTo(policy.metadataBytes());
        assertThat(policy.reserve(largest, 1)).isNotEqualTo(Handles.NONE);
    }

    @Test
    void a_reserved_block_is_live_but_not_allocated_and_media_is_untouched() {
        BuddyHeap heap = BuddyHeap.ofBytes(8 << 10);
        byte[] before = heap.region.image();
        long handle = heap.policy().reserve(200, 1);
        assertThat(heap.policy().liveBlocks()).isEqualTo(1);
        assertThat(heap.policy().liveBytes()).isEqualTo(256);
        assertThat(heap.allocated()).isEmpty();
        assertThat(heap.value(handle)).isZero();
        assertThat(heap.verify()).isEmpty();
        assertThat(heap.region.image()).isEqualTo(before);
        assertThat(heap.region.writtenBack()).isEmpty();
        assertThat(heap.region.fences()).isZero();
        heap.policy().release(handle, heap.policy().allocatedValue(handle, 200, 1));
        assertThat(heap.policy().liveBlocks()).isZero();
        assertThat(heap.verify()).isEmpty();
    }

    @Test
    void a_block_is_one_byte_on_media() {
        BuddyHeap heap = BuddyHeap.ofBytes(8 << 10);
        byte[] before = heap.region.image();
        long handle = heap.allocate(20 * 64);
        byte[] after = heap.region.image();
        int tagOffset = (int) (4096 + (handle - 4224) / 64);
        assertThat(after[tagOffset]).isEqualTo((byte) 18);
        after[tagOffset] = 0;
        assertThat(after).isEqualTo(before);
    }

    @Test
    void a_rebuilt_heap_is_the_one_before_without_the_reserved_blocks() {
        BuddyHeap heap = new BuddyHeap(12_288, 12_288 + (4 << 20), 64, false);
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            handles.add(heap.allocate(1 + i * 7L));
        }
        for (int i = 0; i < 500; i += 3) {
            heap.free(handles.get(i));
        }
        Policy before = heap.policy();
        Map<Long, Long> allocated = heap.allocated();
        long largest = before.largestFreeBytes();
        long reserved = before.reserve(3000, 1);
        assertThat(reserved).isNotEqualTo(Handles.NONE);
        Policy after = heap.reattach();
        assertThat(heap.allocated()).isEqualTo(allocated);
        assertThat(after.largestFreeBytes()).isEqualTo(largest);
        before.release(reserved, before.allocatedValue(reserved, 3000, 1));
        assertThat(after.usedBytes()).isEqualTo(before.usedBytes());
        assertThat(after.liveBlocks()).isEqualTo(before.liveBlocks()).isEqualTo(allocated.size());
        assertThat(after.liveBytes()).isEqualTo(before.liveBytes());
        assertThat(heap.verify()).isEmpty();
        // The free units are equal too: both heaps serve the same requests until nothing is left.
        for (long bytes = largest; bytes >= 1; bytes /= 2) {
            assertThat(fillReserved(after, bytes)).as("blocks of %d", bytes).isEqualTo(fillReserved(before, bytes));
        }
        assertThat(after.usedBytes()).isEqualTo(4 << 20);
    }

    private static int fillReserved(Policy policy, long bytes) {
        int count = 0;
        while (policy.reserve(bytes, 1) != Handles.NONE) {
            count++;
        }
        return count;
    }

    @Test
    void a_full_heap_and_an_empty_one_are_rebuilt() {
        BuddyHeap heap = BuddyHeap.ofBytes(16 << 10);
        long units = heap.fill(1);
        heap.reattach();
        assertThat(heap.policy().liveBlocks()).isEqualTo(units);
        assertThat(heap.policy().reserve(1, 1)).isEqualTo(Handles.NONE);
        heap.allocated().keySet().forEach(heap::free);
        long largest = heap.policy().largestFreeBytes();
        heap.reattach();
        assertThat(heap.policy().largestFreeBytes()).isEqualTo(largest);
        assertThat(heap.fill(1)).isEqualTo(units);
    }

    @Test
    void an_interior_handle_names_an_empty_field() {
        BuddyHeap heap = BuddyHeap.ofBytes(8 << 10);
        long handle = heap.allocate(256);
        assertThat(heap.value(handle)).isEqualTo(4);
        assertThat(heap.value(handle + 64)).isZero();
        assertThat(heap.value(handle + 192)).isZero();
    }
}
