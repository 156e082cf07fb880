package pmem.policy.buddy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.spi.PolicySpace;
import pmem.spi.TagFloat;

class BuddyDamageTest {
    private static final long MAP_OFFSET = 4096;
    private static final long UNITS_OFFSET = 4224;

    // 126 units, numbers 66 (0x42) to 191 (0xbf); the largest blocks start at unit 68, 72, 80, 96 and 128.
    private final BuddyHeap heap = BuddyHeap.ofBytes(8 << 10);

    private long tagOffset(long handle) {
        return MAP_OFFSET + (handle - UNITS_OFFSET) / 64;
    }

    private void setTag(long handle, int tag) {
        heap.region.setByte(tagOffset(handle), tag);
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(heap::reattach)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("head-tag map is damaged: policy=buddy region=heap")
                .hasMessageContainingAll(parts)
                .hasMessageContaining("restore the pool from a copy");
    }

    @Test
    void a_head_inside_another_block_is_refused_with_its_place() {
        long handle = heap.allocate(16 * 64);
        setTag(handle + 5 * 64, 1);
        assertRefused(
                "handle=" + Handles.format(handle + 5 * 64),
                "expected no tag before unit 0x" + Long.toHexString(handle / 64 + 16),
                "found tag=0x1 length_units=1");
        assertThat(heap.verify()).hasSize(1).first().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
            assertThat(finding.place()).contains("handle=" + Handles.format(handle + 5 * 64));
        });
    }

    // Rows of equal words are entered at once; what reaches into one of them is noticed.
    @Test
    void a_block_that_reaches_into_one_of_many_equal_words_is_refused() {
        BuddyHeap large = BuddyHeap.ofBytes(64 << 10);
        large.fill(4 * 64);
        assertThat(large.reattach().liveBlocks()).isGreaterThan(200);
        long mapOffset = large.layout.mapOffset();
        long unit = (large.layout.firstUnit() + 600) & -8;
        long tagOffset = mapOffset + unit - large.layout.firstUnit();
        assertThat(large.region.byteAt(tagOffset)).isEqualTo(4);
        large.region.setByte(tagOffset, 8);
        assertThatThrownBy(large::reattach)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("expected no tag before unit 0x" + Long.toHexString(unit + 8));
        large.region.setByte(tagOffset, 4);
        large.region.setByte(tagOffset + 1, 1);
        assertThatThrownBy(large::reattach)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("expected no tag before unit 0x" + Long.toHexString(unit + 4));
    }

    @Test
    void a_head_at_any_unit_inside_a_block_is_refused() {
        long handle = heap.allocate(16 * 64);
        for (long inside = handle + 64; inside < handle + 16 * 64; inside += 64) {
            setTag(inside, 1);
            assertRefused("handle=" + Handles.format(inside), "where the block before ends");
            assertThat(heap.verify()).hasSize(1);
            setTag(inside, 0);
        }
        setTag(handle + 16 * 64, 1);
        heap.reattach();
        assertThat(heap.policy().liveBlocks()).isEqualTo(2);
    }

    @Test
    void a_block_that_grew_over_its_neighbour_is_refused_at_the_neighbour() {
        long first = heap.allocate(8 * 64, 16 * 64);
        long second = heap.allocate(8 * 64);
        assertThat(second).isEqualTo(first - 8 * 64);
        long third = first + 8 * 64;
        heap.publish(third, 8);
        setTag(first, 16);
        assertRefused("handle=" + Handles.format(third), "where the block before ends", "found tag=0x8");
    }

    @Test
    void a_block_past_the_end_is_refused() {
        setTag(UNITS_OFFSET + 62 * 64, TagFloat.tagFor(72));
        assertRefused("unit 0x80", "expected at most 64 units up to the end of the space", "length_units=72");
    }

    @Test
    void a_block_whose_start_is_not_aligned_to_its_length_is_refused() {
        setTag(UNITS_OFFSET + 3 * 64, 2);
        assertRefused("unit 0x45", "expected a start aligned to the power of two at or above the length", "tag=0x2");
    }

    @Test
    void a_block_cut_from_units_that_are_not_there_is_refused() {
        BuddyHeap odd = new BuddyHeap(4096, 4096 + 8000, 64, false);
        long lastAligned = (odd.layout.endUnit() - 5) & -8;
        odd.region.setByte(MAP_OFFSET + lastAligned - odd.layout.firstUnit(), 5);
        assertThat(odd.layout.endUnit() - lastAligned).isBetween(5L, 7L);
        assertThatThrownBy(odd::reattach)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("expected a block cut from one of 2^3 units that ends inside the space");
    }

    @Test
    void a_length_that_is_no_power_of_two_is_refused_where_tails_are_kept() {
        BuddyHeap keeping = new BuddyHeap(4096, 4096 + (8 << 10), 64, true);
        long handle = keeping.allocate(16 * 64);
        keeping.region.setByte(tagOffset(handle), 15);
        assertThatThrownBy(keeping::reattach)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContainingAll("handle=" + Handles.format(handle), "since keepTail=1", "tag=0xf");
    }

    @Test
    void a_tag_after_the_last_unit_is_refused() {
        heap.region.setByte(MAP_OFFSET + 127, 1);
        assertRefused("unit 0xc1", "expected no tag after the last unit, 0xbf");
    }

    @Test
    void every_single_wrong_byte_of_an_empty_map_is_a_block_or_is_refused() {
        for (int index = 0; index < 128; index++) {
            for (int tag = 1; tag <= TagFloat.TAG_MAX; tag++) {
                heap.region.setByte(MAP_OFFSET + index, tag);
                if (isLegal(index, tag)) {
                    heap.reattach();
                    assertThat(heap.allocated())
                            .containsExactly(Map.entry(UNITS_OFFSET + index * 64L, TagFloat.lengthUnits(tag) * 64));
                    assertThat(heap.verify()).isEmpty();
                } else {
                    assertThatThrownBy(heap::reattach).isInstanceOf(PoolCorruptedException.class);
                }
            }
            heap.region.setByte(MAP_OFFSET + index, 0);
        }
        assertThatCode(heap::reattach).doesNotThrowAnyException();
    }

    private static boolean isLegal(int index, int tag) {
        long unit = 66L + index;
        long room = Long.highestOneBit(TagFloat.lengthUnits(tag) * 2 - 1);
        return index < 126 && unit % room == 0 && unit + room <= 192;
    }

    @Test
    void a_tag_set_behind_the_policys_back_is_found() {
        setTag(128 * 64, 4);
        assertThat(heap.verify())
                .anySatisfy(finding -> {
                    assertThat(finding.severity()).isEqualTo(Finding.Severity.ERROR);
                    assertThat(finding.place()).contains("unit 0x42");
                    assertThat(finding.expected()).isEqualTo("free units apart from allocated and other free ones");
                    assertThat(finding.found()).isEqualTo("free units=126");
                })
                .anySatisfy(finding -> assertThat(finding.place()).isEqualTo("counter of live blocks"));
    }

    @Test
    void a_tag_lost_behind_the_policys_back_leaves_a_block_that_counts_as_reserved() {
        long handle = heap.allocate(256);
        setTag(handle, 0);
        assertThat(heap.verify()).isEmpty();
        assertThat(heap.policy().liveBlocks()).isEqualTo(1);
    }

    @Test
    void units_taken_without_a_block_are_found() {
        long handle = heap.allocate(16 * 64);
        setTag(handle, 8);
        assertThat(heap.verify()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
            assertThat(finding.found()).isEqualTo("live_blocks=1 allocated_blocks=1 reserved_units=8");
        });
    }

    @Test
    void a_recorded_geometry_without_a_unit_is_refused() {
        BuddyPolicyProvider provider = new BuddyPolicyProvider();
        PolicySpace small = new PolicySpace(heap.region, 4096, 8192);
        assertThatThrownBy(() -> provider.attach(small, BuddyHeap.parameters(1 << 20, false)))
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContainingAll("recorded geometry is damaged", "space_bytes=4096", "unitBytes=1048576");
    }
}
