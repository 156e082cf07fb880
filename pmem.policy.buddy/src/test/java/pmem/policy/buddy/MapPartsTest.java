package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;

/** Maps so large that they are read in parts. */
class MapPartsTest {
    private static final long UNIT_BYTES = 16;
    private static final long SPACE_BYTES = 32 << 20;

    private final BuddyHeap heap = new BuddyHeap(4096, 4096 + SPACE_BYTES, UNIT_BYTES, false);

    @Test
    void a_heap_of_many_sizes_is_found_again_with_all_its_free_space() {
        Random random = new Random(4711);
        List<Long> handles = new ArrayList<>();
        long handle = heap.allocate(UNIT_BYTES);
        while (handle != Handles.NONE) {
            handles.add(handle);
            handle = heap.allocate(1 + random.nextInt(random.nextInt(100) == 0 ? 200_000 : 1000));
        }
        for (int i = 0; i < handles.size(); i += 3) {
            heap.free(handles.get(i));
        }
        Map<Long, Long> before = heap.allocated();
        long largestFree = heap.policy().largestFreeBytes();
        long used = heap.policy().usedBytes();
        heap.reattach();
        assertThat(heap.allocated()).isEqualTo(before);
        assertThat(heap.policy().liveBlocks()).isEqualTo(before.size());
        assertThat(heap.policy().usedBytes()).isEqualTo(used);
        assertThat(heap.policy().largestFreeBytes()).isEqualTo(largestFree);
        assertThat(heap.verify()).isEmpty();
    }

    // Rows of equal words are entered at once where their blocks fill them, up to the end of the space.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 8, 9, 16, 64, 4096})
    void equal_blocks_with_and_without_gaps_are_found_again(int lengthUnits) {
        for (int freeEvery : new int[] {0, 2, 3, 7}) {
            BuddyHeap small = new BuddyHeap(4096, (256 << 10) - 4096, UNIT_BYTES, false);
            small.fill(lengthUnits * UNIT_BYTES);
            List<Long> handles = new ArrayList<>(small.allocated().keySet());
            for (int i = 0; freeEvery > 0 && i < handles.size(); i += freeEvery) {
                small.free(handles.get(i));
            }
            Map<Long, Long> before = small.allocated();
            long used = small.policy().usedBytes();
            long largestFree = small.policy().largestFreeBytes();
            small.reattach();
            assertThat(small.allocated()).isEqualTo(before);
            assertThat(small.policy().liveBlocks()).isEqualTo(before.size());
            assertThat(small.policy().usedBytes()).isEqualTo(used);
            assertThat(small.policy().largestFreeBytes()).isEqualTo(largestFree);
            assertThat(small.verify()).isEmpty();
        }
    }

    @Test
    void one_block_over_several_parts_leaves_the_rest_free() {
        long half = heap.allocate(SPACE_BYTES / 4);
        assertThat(half).isNotEqualTo(Handles.NONE);
        long last = heap.allocate(UNIT_BYTES);
        Map<Long, Long> before = heap.allocated();
        long used = heap.policy().usedBytes();
        heap.reattach();
        assertThat(heap.allocated()).isEqualTo(before).containsKey(last);
        assertThat(heap.policy().usedBytes()).isEqualTo(used);
        assertThat(heap.verify()).isEmpty();
    }

    @Test
    void a_head_in_another_part_inside_a_block_is_refused() {
        long large = heap.allocate(SPACE_BYTES / 4);
        long lengthUnits = heap.usableBytes(large) / UNIT_BYTES;
        for (long inside = 1; inside < lengthUnits; inside += lengthUnits / 7) {
            long unit = heap.layout.unit(large) + inside;
            long tagOffset = heap.layout.mapOffset() + unit - heap.layout.firstUnit();
            heap.region.setByte(tagOffset, 1);
            assertThatThrownBy(heap::reattach)
                    .isInstanceOf(PoolCorruptedException.class)
                    .hasMessageContaining(
                            "expected no tag before unit 0x" + Long.toHexString(heap.layout.unit(large) + lengthUnits));
            heap.region.setByte(tagOffset, 0);
        }
        assertThat(heap.reattach().liveBlocks()).isEqualTo(1);
    }
}
