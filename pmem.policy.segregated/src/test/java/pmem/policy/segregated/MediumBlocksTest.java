package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.api.RepairItem;
import pmem.spi.HeapRegion;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.StateField;

/** Blocks that are runs of units, between the largest class and whole pages. */
class MediumBlocksTest {
    private static final long START_OFFSET = 4096;
    private static final int REGION_BYTES = 1 << 20;
    private static final int UNIT_BYTES = 256;
    private static final Map<String, Long> CHOSEN = Map.of(
            "largestClassBytes",
            1024L,
            "mediumBytes",
            16_384L,
            "mediumUnitBytes",
            (long) UNIT_BYTES,
            "mediumSegmentBytes",
            65_536L,
            "arenas",
            1L);

    private HeapRegion region = new HeapRegion(REGION_BYTES);
    private Policy policy = attach(region);

    private static Policy attach(HeapRegion region) {
        return attach(region, CHOSEN);
    }

    private static Policy attach(HeapRegion region, Map<String, Long> chosen) {
        SegregatedProvider provider = new SegregatedProvider();
        return provider.attach(space(region), PolicyParameters.of(provider, chosen));
    }

    private static PolicySpace space(HeapRegion region) {
        return new PolicySpace(region, START_OFFSET, region.capacityBytes());
    }

    private void change(long handle, long value) {
        long field = policy.stateField(handle);
        long offset = StateField.wordOffset(field);
        region.storePlain(offset, StateField.insert(region.loadPlain(offset), field, value));
    }

    private long allocate(long bytes) {
        long handle = policy.reserve(bytes, 1);
        if (handle != Handles.NONE) {
            change(handle, policy.allocatedValue(handle, bytes, 1));
        }
        return handle;
    }

    private void free(long handle) {
        long field = policy.stateField(handle);
        long value = StateField.extract(region.loadPlain(StateField.wordOffset(field)), field);
        change(handle, 0);
        policy.release(handle, value);
    }

    private NavigableMap<Long, Long> live() {
        NavigableMap<Long, Long> live = new TreeMap<>();
        policy.forEachAllocated(live::put);
        return live;
    }

    private List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        policy.verify(findings::add);
        return findings;
    }

    private void reopen() {
        region = new HeapRegion(region.image());
        policy = attach(region);
    }

    @Test
    void a_new_segment_costs_its_tags_and_its_table_word_in_this_order() {
        policy.reserve(2000, 1);
        assertThat(region.writtenBack())
                .extracting(HeapRegion.WrittenBack::point)
                .containsExactly(SegregatedPolicy.MEDIUM_TAGS_CLEARED, SegregatedPolicy.MEDIUM_CREATED);
        assertThat(region.writtenBack().get(1).offset()).isEqualTo(START_OFFSET);
        assertThat(region.fences()).isEqualTo(2);
        policy.reserve(9000, 1);
        assertThat(region.fences()).as("fences once there is room").isEqualTo(2);
    }

    @Test
    void a_block_has_its_size_in_units_and_its_state_in_one_byte() {
        long handle = allocate(2000);
        assertThat(live()).containsExactly(Map.entry(handle, 2048L));
        assertThat(StateField.isByte(policy.stateField(handle))).isTrue();
        assertThat(policy.stateField(handle + UNIT_BYTES - 1)).isEqualTo(StateField.NONE);
        assertThat(policy.liveBytes()).isEqualTo(2048);
    }

    @Test
    void freed_blocks_are_merged_with_the_free_units_on_both_sides() {
        long room = policy.largestFreeBytes();
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            handles.add(allocate(4096));
        }
        assertThat(handles.get(1) - handles.get(0)).isEqualTo(4096);
        long keeps = allocate(4096);
        free(handles.get(0));
        free(handles.get(2));
        free(handles.get(1));
        assertThat(allocate(12_288)).as("a block as long as the three").isEqualTo(handles.get(0));
        free(handles.get(0));
        free(keeps);
        assertThat(findings()).isEmpty();
        assertThat(policy.largestFreeBytes()).isEqualTo(room);
    }

    @Test
    void a_block_is_aligned_as_asked_for() {
        for (long alignment = 512; alignment <= 4096; alignment *= 2) {
            allocate(1300);
            assertThat(policy.reserve(1300, alignment) % alignment).isZero();
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void how_many_blocks_fit_hardly_depends_on_what_was_there_before() {
        Random random = new Random(17);
        for (int pair = 0; pair < 40; pair++) {
            long bytes = random.nextLong(1025, 16_385);
            region = new HeapRegion(2 * REGION_BYTES);
            policy = attach(region);
            int fresh = fillAndDrain(bytes);
            long before = random.nextLong(1025, 16_385);
            List<Long> stay = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                stay.add(allocate(before));
                fillAndDrain(random.nextLong(1025, 16_385));
            }
            stay.forEach(this::free);
            assertThat(fillAndDrain(bytes))
                    .as("blocks of %d bytes after blocks of %d and of others", bytes, before)
                    .isBetween(fresh - 1, fresh + 1);
        }
        assertThat(findings()).isEmpty();
    }

    private int fillAndDrain(long bytes) {
        List<Long> filled = new ArrayList<>();
        for (long handle = allocate(bytes); handle != Handles.NONE; handle = allocate(bytes)) {
            filled.add(handle);
        }
        filled.forEach(this::free);
        return filled.size();
    }

    @Test
    void segments_leave_little_over_beside_blocks_of_one_size() {
        region = new HeapRegion(4 * REGION_BYTES);
        for (long bytes : new long[] {1280, 2048, 3072, 4096, 5120, 8192, 12_288, 16_384}) {
            policy = attach(new HeapRegion(4 * REGION_BYTES));
            long held = fillAndDrain(bytes) * bytes;
            assertThat(held).as("bytes of blocks of %d bytes", bytes).isGreaterThan(REGION_BYTES * 46L / 50 * 4);
        }
    }

    @Test
    void a_larger_pool_has_longer_segments_and_so_fewer_fences_and_finds_its_blocks_again() {
        long[] fences = new long[2];
        int[] count = new int[2];
        for (int i = 0; i < 2; i++) {
            Map<String, Long> chosen = Map.of("arenas", 1L, "mediumSegments", i == 0 ? 0L : 16L);
            region = new HeapRegion(4 * REGION_BYTES);
            policy = attach(region, chosen);
            for (long handle = allocate(8192); handle != Handles.NONE; handle = allocate(8192)) {
                count[i]++;
            }
            fences[i] = region.fences();
            NavigableMap<Long, Long> before = live();
            region = new HeapRegion(region.image());
            policy = attach(region, chosen);
            assertThat(live()).isEqualTo(before);
            assertThat(findings()).isEmpty();
        }
        assertThat(fences[1]).as("fences to fill a pool with long segments").isLessThan(fences[0] / 2);
        assertThat(count[1]).as("blocks in long segments").isGreaterThan(count[0]);
    }

    @Test
    void what_is_full_of_other_blocks_still_serves_small_and_long_ones() {
        while (allocate(16_384) != Handles.NONE) {
            // Fills the space.
        }
        for (long largest = policy.largestFreeBytes(); largest > 0; largest = policy.largestFreeBytes()) {
            assertThat(allocate(largest)).as("room for %d bytes", largest).isNotEqualTo(Handles.NONE);
        }
        assertThat(policy.reserve(1, 1)).isEqualTo(Handles.NONE);
        assertThat(findings()).isEmpty();
        live().keySet().forEach(this::free);
        assertThat(policy.liveBlocks()).isZero();
        assertThat(findings()).isEmpty();
    }

    @Test
    void a_block_is_given_back_once() {
        long handle = allocate(3000);
        long value = policy.allocatedValue(handle, 3000, 1);
        free(handle);
        assertThatThrownBy(() -> policy.release(handle, value)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void random_blocks_keep_apart_and_are_found_again() {
        long seed = Long.getLong("pmem.seed", 20260101);
        Random random = new Random(seed);
        NavigableMap<Long, Long> model = new TreeMap<>();
        for (int step = 0; step < 4000; step++) {
            if (model.isEmpty() || random.nextInt(100) < 55) {
                long bytes = 1L + random.nextInt(random.nextBoolean() ? 3000 : 20_000);
                long handle = allocate(bytes);
                if (handle != Handles.NONE) {
                    long usable = policy.usableBytes(handle, policy.allocatedValue(handle, bytes, 1));
                    assertApart(model, handle, usable, seed);
                    assertThat(usable).as("usable bytes, -Dpmem.seed=%d", seed).isGreaterThanOrEqualTo(bytes);
                    model.put(handle, usable);
                }
            } else {
                List<Long> handles = List.copyOf(model.keySet());
                long handle = handles.get(random.nextInt(handles.size()));
                free(handle);
                model.remove(handle);
            }
            if (step % 500 == 0) {
                reopen();
            }
        }
        assertThat(live()).as("live blocks, -Dpmem.seed=%d", seed).isEqualTo(model);
        assertThat(findings()).as("findings, -Dpmem.seed=%d", seed).isEmpty();
    }

    private static void assertApart(NavigableMap<Long, Long> model, long handle, long usable, long seed) {
        Map.Entry<Long, Long> before = model.floorEntry(handle);
        Map.Entry<Long, Long> after = model.ceilingEntry(handle);
        assertThat(before == null || before.getKey() + before.getValue() <= handle)
                .as("apart from the block before, -Dpmem.seed=%d", seed)
                .isTrue();
        assertThat(after == null || handle + usable <= after.getKey())
                .as("apart from the block after, -Dpmem.seed=%d", seed)
                .isTrue();
    }

    @Test
    void a_block_inside_another_is_refused_at_open_and_given_up_by_repair() {
        long first = allocate(4096);
        long kept = allocate(2048);
        long inside = policy.stateField(first + UNIT_BYTES);
        long offset = StateField.wordOffset(inside);
        region.storePlain(offset, StateField.insert(region.loadPlain(offset), inside, 2));
        assertThat(findings()).hasSize(1);
        assertThatThrownBy(this::reopen)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("medium segment page=0")
                .hasMessageContaining("where the block before ends");
        repairAndReopen(2);
        assertThat(live()).containsOnlyKeys(first, kept);
    }

    @Test
    void a_tag_that_reaches_over_the_end_is_given_up_by_repair() {
        long kept = allocate(4096);
        long other = allocate(2048);
        change(other, 0xff);
        assertThatThrownBy(this::reopen).isInstanceOf(PoolCorruptedException.class);
        repairAndReopen(1);
        assertThat(live()).containsOnlyKeys(kept);
    }

    private void repairAndReopen(int itemCount) {
        SegregatedProvider provider = new SegregatedProvider();
        List<RepairItem> items = new ArrayList<>();
        provider.repair(space(region), PolicyParameters.of(provider, CHOSEN), items::add);
        assertThat(items).hasSize(itemCount);
        reopen();
        assertThat(findings()).isEmpty();
    }

    @Test
    void a_pool_without_medium_blocks_refuses_a_segment_of_them() {
        allocate(4096);
        SegregatedProvider provider = new SegregatedProvider();
        PolicyParameters without = PolicyParameters.of(provider, Map.of("mediumBytes", 0L));
        assertThatThrownBy(() -> provider.attach(space(region), without)).isInstanceOf(PoolCorruptedException.class);
    }

    @Test
    void units_are_no_larger_than_a_page() {
        region = new HeapRegion(REGION_BYTES);
        policy = attach(region, Map.of("pageBytes", 256L, "mediumUnitBytes", 512L));
        long handle = allocate(5000);
        assertThat(policy.stateField(handle + 256)).as("state of a second unit").isNotEqualTo(StateField.NONE);
        assertThat(findings()).isEmpty();
    }
}
