package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.spi.TagFloat;

/** Blocks that wait in their heap before they are merged: nobody who looks for anything else can tell. */
class MediumHeapTest extends MediumSpace {
    private static final int LEAST_BYTES = 2048;

    MediumHeapTest() {
        super(LEAST_BYTES);
    }

    @Test
    void the_block_freed_last_is_the_next_one_of_its_length() {
        long[] handles = claim(3, 5000);
        for (long handle : handles) {
            release(handle, 5000);
        }
        assertThat(new long[] {claim(5000), claim(5100), claim(5000)})
                .containsExactly(handles[2], handles[1], handles[0]);
        requireSound();
    }

    @Test
    void a_request_of_another_length_finds_them_merged() {
        long[] handles = claim(4, 4096);
        for (int i = 0; i < 3; i++) {
            release(handles[i], 4096);
        }
        assertThat(claim(12_288)).isEqualTo(handles[0]);
        requireSound();
    }

    @Test
    void a_block_that_waits_is_given_for_an_alignment_only_if_it_has_it() {
        long[] handles = claim(4, 5 * UNIT_BYTES + LEAST_BYTES);
        for (long handle : handles) {
            release(handle, 5 * UNIT_BYTES + LEAST_BYTES);
        }
        assertThat(blocks.reserve(5 * UNIT_BYTES + LEAST_BYTES, PAGE_BYTES, 0) % PAGE_BYTES)
                .isZero();
        requireSound();
    }

    @Test
    void a_block_that_waits_counts_as_free_and_is_not_released_again() {
        long handle = claim(5000);
        MediumCache cache = blocks.openCache(0);
        release(handle, 5000);
        assertThat(blocks.liveBlocks()).isZero();
        assertThat(blocks.liveBytes()).isZero();
        assertThatThrownBy(() -> release(handle, 5000)).isInstanceOf(IllegalStateException.class);
        assertThat(cache.put(handle, tag(5000))).isFalse();
        requireSound();
        assertThatThrownBy(() -> release(handle, 5000)).as("merged").isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_block_shorter_than_any_that_is_asked_for_does_not_wait() {
        claim(5000);
        long[] handles = new long[4];
        for (int i = 0; i < handles.length; i++) {
            handles[i] = blocks.reserveExisting(2 * UNIT_BYTES, 1, 0);
        }
        MediumCache cache = blocks.openCache(0);
        for (long handle : handles) {
            assertThat(cache.put(handle, tag(2 * UNIT_BYTES))).isFalse();
            release(handle, 2 * UNIT_BYTES);
            MediumSegment segment = Objects.requireNonNull(blocks.segmentOf(handle));
            assertThat(segment.isFree(segment.unitOf(handle))).isTrue();
        }
        requireSound();
    }

    @Test
    void a_block_grows_over_one_that_waits() {
        long[] handles = claim(3, 4096);
        release(handles[1], 4096);
        MediumSegment segment = Objects.requireNonNull(blocks.segmentOf(handles[0]));
        assertThat(blocks.reserveTail(segment, handles[0], tag(4096), tag(8192)))
                .isTrue();
        requireSound();
    }

    @Test
    void empty_segments_become_free_pages_though_their_last_blocks_wait() {
        int pages = free.freePages();
        long[] handles = claim(20, 8192);
        for (long handle : handles) {
            release(handle, 8192);
        }
        assertThat(blocks.largestFreeBytes()).isGreaterThan(16_384);
        assertThat(blocks.dropEmpty()).isTrue();
        assertThat(free.freePages()).isEqualTo(pages);
        requireSound();
    }

    @Test
    void random_blocks_stay_apart() {
        long seed = Long.getLong("pmem.seed", 20260102);
        Random random = new Random(seed);
        long[] handles = new long[100];
        long[] bytes = new long[handles.length];
        for (int step = 0; step < 20_000; step++) {
            int i = random.nextInt(handles.length);
            if (handles[i] != Handles.NONE) {
                release(handles[i], bytes[i]);
            }
            bytes[i] = random.nextBoolean() ? 5000 : 1 + random.nextInt(16_384);
            handles[i] = claim(bytes[i]);
            if (step % 1000 == 0) {
                requireSound();
                requireApart(handles, bytes, seed);
            }
        }
    }

    private static void requireApart(long[] handles, long[] bytes, long seed) {
        boolean[] taken = new boolean[REGION_BYTES / UNIT_BYTES + 1];
        for (int i = 0; i < handles.length; i++) {
            for (long unit = 0;
                    handles[i] != Handles.NONE && unit < TagFloat.lengthUnits((int) tag(bytes[i]));
                    unit++) {
                int place = (int) (handles[i] / UNIT_BYTES + unit);
                assertThat(taken[place])
                        .as("units of two blocks, -Dpmem.seed=%d", seed)
                        .isFalse();
                taken[place] = true;
            }
        }
    }
}
