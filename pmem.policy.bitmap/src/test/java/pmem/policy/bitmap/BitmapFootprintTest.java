package pmem.policy.bitmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;

/** How much of the space, and how much memory beside it, the policy takes for itself. */
class BitmapFootprintTest {
    private static final long MIB = 1 << 20;
    private static final int COPIES = 16;

    @Test
    void at_64_bytes_a_block_less_than_two_percent_of_the_space_is_no_block() {
        Heap heap = Heap.create(16 * MIB, Map.of());
        long blockBytes = 64L * heap.fill(64).size();
        assertThat(16 * MIB - blockBytes).isLessThanOrEqualTo(16 * MIB * 17 / 1000);
    }

    // Smaller spaces take more by comparison: classes, tables, and the short arenas each size begins with.
    @Test
    void after_an_open_a_full_space_takes_a_two_thousandth_of_its_size_in_memory() {
        long spaceBytes = 128 * MIB;
        Heap heap = Heap.create(spaceBytes, Map.of());
        heap.fill(64);
        PolicyParameters parameters = PolicyParameters.of(new BitmapProvider(), Map.of());
        new BitmapProvider().attach(heap.space, parameters);
        List<Policy> policies = new ArrayList<>(COPIES);
        long before = usedMemory();
        for (int i = 0; i < COPIES; i++) {
            policies.add(new BitmapProvider().attach(heap.space, parameters));
        }
        long bytesEach = (usedMemory() - before) / COPIES;
        assertThat(policies.getLast().liveBlocks()).isEqualTo(heap.policy.liveBlocks());
        assertThat(bytesEach).as("bytes of memory for %d of space", spaceBytes).isLessThanOrEqualTo(spaceBytes / 2000);
    }

    private static long usedMemory() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    @Test
    void allocating_and_freeing_the_same_block_makes_and_drops_no_arena() {
        Heap heap = Heap.create(MIB, Map.of());
        heap.free(heap.allocate(64));
        long used = heap.policy.usedBytes();
        long fences = heap.region.fences();
        for (int i = 0; i < 10_000; i++) {
            heap.free(heap.allocate(64));
        }
        assertThat(heap.policy.usedBytes()).isEqualTo(used);
        // One for the state word each time.
        assertThat(heap.region.fences() - fences).isEqualTo(2 * 10_000);
    }

    @Test
    void blocks_take_turns_so_that_all_lines_of_an_arena_wear_equally() {
        Heap heap = Heap.create(MIB, Map.of());
        int[] uses = new int[64];
        long first = heap.allocate(64);
        for (int i = 0; i < 64 * 100; i++) {
            long handle = heap.allocate(64);
            uses[(int) ((handle - first) / 64)]++;
            heap.free(handle);
        }
        for (int block = 1; block < uses.length; block++) {
            assertThat(uses[block]).as("uses of block %d", block).isBetween(100, 102);
        }
    }

    @Test
    void a_group_gives_all_its_blocks_back_and_writes_nothing() {
        Heap heap = Heap.create(4 * MIB, Map.of());
        List<Long> live = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            live.add(heap.allocate(1 + i * 13));
        }
        long used = heap.policy.usedBytes();
        long fences = heap.region.fences();
        Random random = new Random(1);
        for (int round = 0; round < 20; round++) {
            pmem.spi.BlockGroup group = heap.policy.newGroup();
            for (int i = 0; i < 1000; i++) {
                assertThat(group.reserve(1 + random.nextInt(2000), 1)).isNotEqualTo(Handles.NONE);
            }
            assertThat(heap.findings()).isEmpty();
            assertThat(heap.liveSet()).hasSameSizeAs(live);
            group.release();
            assertThat(heap.policy.usedBytes()).isEqualTo(used);
        }
        assertThat(heap.region.fences()).isEqualTo(fences);
        assertThat(heap.findings()).isEmpty();
    }
}
