package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SlabHeaderLayoutTest {
    @Test
    void the_header_ends_before_the_first_block_and_the_last_block_inside_the_slab() {
        for (int colours = 1; colours <= 32; colours *= 2) {
            SlabHeaderLayout layout = new SlabHeaderLayout(256, colours, false);
            for (long slabBytes = 256; slabBytes <= 1 << 17; slabBytes += 256) {
                for (int blockBytes = 16; blockBytes <= 8192; blockBytes += blockBytes < 256 ? 16 : 496) {
                    checkFit(layout, slabBytes, blockBytes);
                }
            }
        }
    }

    private static void checkFit(SlabHeaderLayout layout, long slabBytes, int blockBytes) {
        int blocks = layout.blockCount(slabBytes, blockBytes);
        if (blocks > 0) {
            long first = layout.firstBlockOffset(slabBytes, blockBytes);
            assertThat(first + (long) blocks * blockBytes).isLessThanOrEqualTo(slabBytes);
            for (int page = 0; page < 4; page++) {
                long headerEnd = layout.headerOffset(page, slabBytes) + layout.headerBytes(blocks);
                assertThat(headerEnd).isLessThanOrEqualTo(first);
            }
        }
    }

    @Test
    void blocks_are_aligned_as_far_as_their_size_is() {
        SlabHeaderLayout layout = new SlabHeaderLayout(4096, 8, false);
        for (int blockBytes = 16; blockBytes <= 8192; blockBytes *= 2) {
            long alignment = Math.min(512, blockBytes);
            assertThat(layout.firstBlockOffset(65_536, blockBytes) % alignment).isZero();
        }
        assertThat(layout.firstBlockOffset(65_536, 48) % 16).isZero();
    }

    @Test
    void headers_of_neighbouring_slabs_take_all_colours() {
        SlabHeaderLayout layout = new SlabHeaderLayout(4096, 8, false);
        Set<Long> offsets = new TreeSet<>();
        for (int slab = 0; slab < 64; slab++) {
            offsets.add(layout.headerOffset(slab * 16, 65_536));
        }
        assertThat(offsets).containsExactly(0L, 64L, 128L, 192L, 256L, 320L, 384L, 448L);
    }

    @Test
    void small_blocks_leave_little_of_a_slab_unused() {
        SlabHeaderLayout layout = new SlabHeaderLayout(4096, 8, false);
        assertThat(layout.blockCount(65_536, 16) * 16).isGreaterThan(65_536 * 98 / 100);
        assertThat(layout.blockCount(65_536, 64) * 64).isGreaterThan(65_536 * 98 / 100);
    }
}
