package pmem.policy.bitmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.StateField;
import pmem.spi.extent.ExtentTableLayout;

class BitmapRebuildTest {
    private static final String REPEAT = "repeat with -Dtest=BitmapRebuildTest, seed=%d";

    @Test
    void a_rebuilt_heap_equals_the_one_before() {
        for (Map<String, Long> parameters : List.of(
                Map.<String, Long>of(),
                BitmapPolicyTest.TINY,
                Map.of("denseFromBytes", 16L, "growth", 0L, "arenaBytes", 16_384L, "ladder", 0L),
                Map.of("denseFromBytes", 512L, "rotation", 0L),
                Map.of("rotation", 2L),
                Map.of("rotation", 2L, "pageBytes", 256L, "arenaBytes", 512L),
                Map.of("rotation", 2L, "pageBytes", 32_768L, "largestClassBytes", 65_536L),
                Map.of("ladder", 1L, "pageBytes", 1024L, "arenaBytes", 2048L),
                Map.of("emptyArenasKept", 0L, "largestClassBytes", 1024L),
                Map.of("pageBytes", 256L, "arenaBytes", 256L, "ladder", 1L))) {
            for (long seed = 0; seed < 12; seed++) {
                runRandomHistory(parameters, seed);
            }
        }
    }

    private static void runRandomHistory(Map<String, Long> parameters, long seed) {
        Random random = new Random(seed);
        Heap heap = Heap.create(256 * 1024, parameters);
        TreeMap<Long, Long> model = new TreeMap<>();
        for (int step = 0; step < 1500; step++) {
            if (model.isEmpty() || random.nextInt(100) < (step / 300 % 2 == 0 ? 65 : 35)) {
                long bytes = 1L + random.nextInt(1 << random.nextInt(16));
                long alignment = 1L << (random.nextInt(8) == 0 ? random.nextInt(14) : 0);
                long handle = heap.allocate(bytes, alignment);
                if (handle != Handles.NONE) {
                    assertThat(handle % alignment).isZero();
                    addWithoutOverlap(model, handle, heap.usableBytes(handle), seed);
                }
            } else {
                Long handle = model.ceilingKey((long) random.nextInt(260 * 1024));
                long chosen = handle == null ? model.firstKey() : handle;
                heap.free(chosen);
                model.remove(chosen);
            }
            if (step % 100 == 99) {
                heap = compareWithRebuilt(heap, model, seed);
            }
        }
    }

    private static void addWithoutOverlap(NavigableMap<Long, Long> model, long handle, long bytes, long seed) {
        Map.Entry<Long, Long> below = model.floorEntry(handle);
        assertThat(below == null || below.getKey() + below.getValue() <= handle)
                .as(REPEAT, seed)
                .isTrue();
        Long above = model.ceilingKey(handle);
        assertThat(above == null || handle + bytes <= above).as(REPEAT, seed).isTrue();
        model.put(handle, bytes);
    }

    private static Heap compareWithRebuilt(Heap heap, NavigableMap<Long, Long> model, long seed) {
        Heap rebuilt = heap.afterPowerLoss();
        for (Heap each : List.of(heap, rebuilt)) {
            assertThat(each.liveSet()).as(REPEAT, seed).isEqualTo(model);
            assertThat(each.findings()).as(REPEAT, seed).isEmpty();
            assertThat(each.policy.liveBlocks()).as(REPEAT, seed).isEqualTo(model.size());
            assertThat(each.policy.liveBytes()).as(REPEAT, seed).isEqualTo(sum(model));
        }
        assertThat(rebuilt.policy.usedBytes()).as(REPEAT, seed).isEqualTo(heap.policy.usedBytes());
        assertThat(rebuilt.policy.largestFreeBytes()).as(REPEAT, seed).isEqualTo(heap.policy.largestFreeBytes());
        return rebuilt;
    }

    private static long sum(NavigableMap<Long, Long> model) {
        return model.values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void reserved_blocks_are_free_after_a_crash() {
        Heap heap = Heap.create(1 << 20, Map.of());
        long fresh = heap.policy.largestFreeBytes();
        for (int i = 0; i < 300; i++) {
            heap.policy.reserve(1 + i * 20, 1);
        }
        heap.policy.reserve(100_000, 1);
        Heap rebuilt = heap.afterPowerLoss();
        assertThat(rebuilt.policy.liveBlocks()).isZero();
        assertThat(rebuilt.policy.largestFreeBytes()).isEqualTo(fresh);
        assertThat(rebuilt.findings()).isEmpty();
    }

    @Test
    void empty_arenas_beyond_those_to_be_kept_are_dropped_at_open() {
        Heap heap = Heap.create(1 << 20, Map.of());
        long fresh = heap.policy.usedBytes();
        for (int i = 0; i < 1000; i++) {
            heap.policy.reserve(64, 1);
        }
        assertThat(heap.afterPowerLoss().policy.usedBytes()).isEqualTo(fresh + 4096);
    }

    @Test
    void every_flipped_bit_of_the_table_is_found_at_open() {
        Heap heap = sample();
        ExtentTableLayout layout = layout(heap);
        int shown = 0;
        for (long offset = layout.tableOffset(); offset < layout.wordOffset(layout.pageCount()); offset += 8) {
            for (int bit = 0; bit < Long.SIZE; bit++) {
                shown += opensWithFlippedBit(heap, offset, bit) ? 1 : 0;
            }
        }
        assertThat(shown).isZero();
    }

    @Test
    void a_flipped_page_bit_is_found_at_open_or_changes_one_block() {
        Heap heap = sample();
        ExtentTableLayout layout = layout(heap);
        int changed = 0;
        for (long offset = layout.bitsOffset(); offset < layout.bitsEndOffset(); offset += 8) {
            for (int bit = 0; bit < Long.SIZE; bit++) {
                changed += opensWithFlippedBit(heap, offset, bit) ? 1 : 0;
            }
        }
        // The arenas hold 4 blocks of 64 bytes, 1 of 208 and 1 of 3072; that of 16 has a header.
        assertThat(changed).isEqualTo(4 + 1 + 1);
    }

    @Test
    void a_flipped_bit_of_a_header_is_found_at_open_or_changes_one_block() {
        Heap heap = sample();
        long header = layout(heap).pageOffset(1);
        int changed = 0;
        for (long offset = header; offset < header + 64; offset += 8) {
            for (int bit = 0; bit < Long.SIZE; bit++) {
                changed += opensWithFlippedBit(heap, offset, bit) ? 1 : 0;
            }
        }
        assertThat(changed).isEqualTo((512 - 64) / 16);
    }

    @Test
    void a_stray_bit_between_spread_states_is_found_at_open_and_cleared_by_repair() {
        Map<String, Long> spread = Map.of("rotation", 2L, "pageBytes", 256L, "arenaBytes", 512L);
        Heap heap = sample(spread);
        Map<Long, Long> live = heap.liveSet();
        ExtentTableLayout layout = ExtentTableLayout.of(heap.space, 256, 64);
        BitmapProvider provider = new BitmapProvider();
        PolicyParameters parameters = PolicyParameters.of(provider, spread);
        int refused = 0;
        for (long offset = layout.bitsOffset(); offset < layout.bitsEndOffset(); offset += 8) {
            for (int bit = 0; bit < Long.SIZE; bit++) {
                ArrayRegion damaged = heap.region.afterPowerLoss();
                damaged.storePlain(offset, damaged.loadPlain(offset) ^ (1L << bit));
                PolicySpace space = new PolicySpace(damaged, Heap.START_OFFSET, damaged.capacityBytes());
                if (!opens(provider, space, parameters)) {
                    refused++;
                    provider.repair(space, parameters, item -> {});
                    TreeMap<Long, Long> found = new TreeMap<>();
                    provider.attach(space, parameters).forEachAllocated(found::put);
                    assertThat(found)
                            .as("after repair of bit %d at 0x%x", bit, offset)
                            .isEqualTo(live);
                }
            }
        }
        long bits = (layout.bitsEndOffset() - layout.bitsOffset()) * Byte.SIZE;
        // Four blocks of 64 bytes, one of 208 and one of 3072 have states among the page bits; that of 16 has a header.
        assertThat(bits - refused).isEqualTo(4 + 1 + 1);
    }

    private static boolean opens(BitmapProvider provider, PolicySpace space, PolicyParameters parameters) {
        try {
            provider.attach(space, parameters);
            return true;
        } catch (PoolCorruptedException expected) {
            return false;
        }
    }

    private static Heap sample() {
        return sample(BitmapPolicyTest.TINY);
    }

    private static Heap sample(Map<String, Long> parameters) {
        Heap heap = Heap.create(16 * 1024, parameters);
        heap.allocate(64);
        heap.allocate(16);
        heap.allocate(200);
        heap.allocate(3000);
        return heap;
    }

    private static ExtentTableLayout layout(Heap heap) {
        return ExtentTableLayout.of(heap.space, 256, 4);
    }

    private static boolean opensWithFlippedBit(Heap heap, long offset, int bit) {
        ArrayRegion damaged = heap.region.afterPowerLoss();
        damaged.storePlain(offset, damaged.loadPlain(offset) ^ (1L << bit));
        BitmapProvider provider = new BitmapProvider();
        PolicySpace space = new PolicySpace(damaged, Heap.START_OFFSET, damaged.capacityBytes());
        try {
            provider.attach(space, PolicyParameters.of(provider, BitmapPolicyTest.TINY));
            return true;
        } catch (PoolCorruptedException expected) {
            assertThat(expected).hasMessageContaining("Offset=0x" + Long.toHexString(offset));
            return false;
        }
    }

    @Test
    void overlapping_extents_are_found_at_open() {
        Heap heap = Heap.create(64 * 1024, Map.of());
        long handle = heap.allocate(20_000);
        Heap other = Heap.create(64 * 1024, Map.of());
        other.policy.reserve(4096, 1);
        long inner = other.policy.reserve(17_000, 1);
        long field = other.policy.stateField(inner);
        assertThat(inner).isGreaterThan(handle).isLessThan(handle + 20_000);
        heap.region.storePlain(StateField.wordOffset(field), other.policy.allocatedValue(inner, 17_000, 1));
        assertThat(heap.findings()).hasSize(1);
        heap.region.writeBackAndFence(BitmapPolicy.ARENA_CREATED, StateField.wordOffset(field));
        assertThatThrownBy(heap::afterPowerLoss)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("no word inside the extent");
    }

    @Test
    void verify_finds_what_media_and_memory_disagree_about() {
        Heap heap = sample();
        ExtentTableLayout layout = layout(heap);
        List<Long> offsets = new ArrayList<>(List.of(layout.wordOffset(0), layout.wordOffset(layout.pageCount() - 1)));
        offsets.add(layout.bitsOffset());
        offsets.add(layout.bitsEndOffset() - 8);
        for (long offset : offsets) {
            long word = heap.region.loadPlain(offset);
            heap.region.storePlain(offset, word ^ 2);
            assertThat(heap.findings()).as("offset 0x%x", offset).isNotEmpty();
            heap.region.storePlain(offset, word);
        }
        assertThat(heap.findings()).isEmpty();
    }
}
