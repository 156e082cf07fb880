package pmem.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.spi.HeapRegion;

/** The bytes of format version 1 are frozen: a change here needs a new version. */
class MediaLayoutTest {
    @Test
    void parts_of_a_pool_lie_where_version_1_puts_them() {
        PoolGeometry geometry = new PoolGeometry(1 << 20, 4, 7, 3);
        assertThat(geometry.logOffset()).isEqualTo(8192);
        assertThat(geometry.laneOffset(1)).isEqualTo(8192 + 8 * 64);
        assertThat(geometry.rootsOffset()).isEqualTo(8192 + 4 * 8 * 64);
        assertThat(geometry.policyStartOffset()).isEqualTo(12288);
        assertThat(geometry.policyEndOffset()).isEqualTo(1 << 20);
    }

    @Test
    void a_superblock_reads_as_it_was_written() {
        HeapRegion region = new HeapRegion(16384);
        Superblock written = superblock();
        written.storeBody(region, 1);
        Superblock.storeMagic(region, 1);
        assertThat(Superblock.examine(region, 1)).isEqualTo(Superblock.CopyState.VALID);
        Superblock read = Superblock.read(region, 1);
        assertThat(read.geometry()).isEqualTo(written.geometry());
        assertThat(read.policyId()).isEqualTo("segregated");
        assertThat(read.policyParameters()).containsExactly(5L, -6L);
        assertThat(region.loadPlain(4096)).isEqualTo(0x4C4F4F504D454D50L);
        assertThat(region.loadPlain(4096 + 8)).isEqualTo(1);
        assertThat(region.loadPlain(4096 + 32)).isEqualTo(1 << 20);
        assertThat(region.loadPlain(4096 + 368)).isEqualTo(3163684401002056023L);
    }

    @Test
    void the_word_of_the_capacity_is_where_version_2_puts_it() {
        HeapRegion region = new HeapRegion(16384);
        CapacityWord.store(region, 5 << 12, PoolPoints.GROW_CAPACITY);
        assertThat(region.loadPlain(1072) >>> 16).isEqualTo(5);
        assertThat(region.loadPlain(1072)).isEqualTo(region.loadPlain(4096 + 1072));
        assertThat(CapacityWord.read(region)).isEqualTo(5 << 12);
        assertThat(CapacityWord.of(0)).as("a word of zeros is no capacity").isNotZero();
    }

    @Test
    void every_flipped_bit_of_a_superblock_is_noticed() {
        HeapRegion region = new HeapRegion(16384);
        superblock().storeBody(region, 0);
        Superblock.storeMagic(region, 0);
        for (int bit = 0; bit < SuperblockLayout.BODY_BYTES * Byte.SIZE; bit++) {
            flip(region, bit);
            assertThat(Superblock.examine(region, 0)).as("bit %d", bit).isNotEqualTo(Superblock.CopyState.VALID);
            flip(region, bit);
        }
        assertThat(Superblock.examine(region, 0)).isEqualTo(Superblock.CopyState.VALID);
    }

    @Test
    void a_version_above_ours_is_told_from_damage() {
        HeapRegion region = new HeapRegion(16384);
        superblock().storeBody(region, 0);
        Superblock.storeMagic(region, 0);
        region.storePlain(SuperblockLayout.VERSION_OFFSET, SuperblockLayout.FORMAT_VERSION + 1);
        assertThat(Superblock.examine(region, 0)).isEqualTo(Superblock.CopyState.TOO_NEW);
    }

    @Test
    void lane_headers_of_other_lanes_and_flipped_bits_are_refused() {
        long header = UndoLogLayout.header(77, 3);
        assertThat(UndoLogLayout.isHeader(header, 3)).isTrue();
        assertThat(UndoLogLayout.sequence(header)).isEqualTo(77);
        assertThat(UndoLogLayout.isHeader(header, 2)).isFalse();
        assertThat(UndoLogLayout.isHeader(0, 2)).isTrue();
        for (int bit = 0; bit < Long.SIZE; bit++) {
            assertThat(UndoLogLayout.isHeader(header ^ (1L << bit), 3))
                    .as("bit %d", bit)
                    .isFalse();
        }
    }

    private static Superblock superblock() {
        return new Superblock(1, 2, new PoolGeometry(1 << 20, 4, 7, 3), "segregated", 1, List.of(5L, -6L));
    }

    private static void flip(HeapRegion region, int bit) {
        region.setByte(bit / Byte.SIZE, region.byteAt(bit / Byte.SIZE) ^ (1 << bit % Byte.SIZE));
    }
}
