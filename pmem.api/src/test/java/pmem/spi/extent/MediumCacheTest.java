package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.NodeStretches;
import pmem.spi.TagFloat;

/** Medium blocks that wait in a cache: free in every figure, claimed by nobody else, and there for whoever is short of room. */
class MediumCacheTest extends MediumSpace {
    private static final int BOUND_BYTES = MediumCache.LARGEST_BLOCKS_MAX * MOST_BYTES;

    private final MediumCache cache = blocks.openCache(0);

    MediumCacheTest() {
        super(1);
    }

    @Override
    long claim(long bytes) {
        long handle = cache.take(bytes, 1);
        return handle != Handles.NONE ? handle : super.claim(bytes);
    }

    private void keep(long handle, long bytes) {
        assertThat(cache.put(handle, tag(bytes))).as("the cache took it").isTrue();
    }

    private void keep(long[] handles, long bytes) {
        for (long handle : handles) {
            keep(handle, bytes);
        }
    }

    @Test
    void the_block_released_last_is_the_next_one_of_its_length() {
        long[] handles = claim(3, 5000);
        keep(handles, 5000);
        assertThat(claim(5100)).as("of the same length in units").isEqualTo(handles[2]);
        assertThat(claim(5000)).isEqualTo(handles[1]);
        requireSound();
    }

    @Test
    void a_block_of_another_length_is_left_where_it_is() {
        long handle = claim(8192);
        keep(handle, 8192);
        assertThat(cache.take(5000, 1)).isEqualTo(Handles.NONE);
        assertThat(cache.take(16_000, 1)).isEqualTo(Handles.NONE);
        assertThat(cache.take(1L << 40, 1)).isEqualTo(Handles.NONE);
        assertThat(claim(8000)).isEqualTo(handle);
    }

    @Test
    void a_block_is_given_for_an_alignment_only_if_it_has_it() {
        long[] handles = claim(2, 5000);
        keep(handles, 5000);
        for (long alignment = 256; alignment <= 65_536; alignment *= 2) {
            long handle = cache.take(5000, alignment);
            assertThat(handle % alignment).isZero();
            if (handle != Handles.NONE) {
                keep(handle, 5000);
            }
        }
        assertThat(cache.heldRuns()).isEqualTo(2);
    }

    @Test
    void what_is_here_counts_as_free() {
        claim(8192);
        keep(claim(3, 8192), 8192);
        keep(claim(2, 5000), 5000);
        assertThat(blocks.liveBlocks()).isEqualTo(1);
        assertThat(blocks.liveBytes()).isEqualTo(8192);
        requireSound();
        blocks.giveCachedBack();
        assertThat(blocks.liveBlocks()).isEqualTo(1);
        assertThat(blocks.liveBytes()).isEqualTo(8192);
        requireSound();
    }

    @Test
    void it_is_merged_with_its_neighbours_when_it_is_given_back_and_not_before() {
        long[] handles = claim(4, 4096);
        assertThat(handles[1] - handles[0]).isEqualTo(4096);
        keep(handles[0], 4096);
        release(handles[1], 4096);
        keep(handles[2], 4096);
        requireSound();
        assertThat(super.claim(12_288)).as("across cached units").isGreaterThan(handles[3]);
        assertThat(super.claim(4096)).as("between cached units").isEqualTo(handles[1]);
        release(handles[1], 4096);
        blocks.giveCachedBack();
        assertThat(super.claim(12_288)).as("across units given back").isEqualTo(handles[0]);
        requireSound();
    }

    @Test
    void there_are_never_more_runs_or_bytes_than_the_bounds_say_and_the_newest_stay() {
        for (long bytes : new long[] {256, 3000, 4352, 16_384}) {
            long[] handles = claim(20, bytes);
            for (long handle : handles) {
                keep(handle, bytes);
                assertThat(cache.heldRuns()).isLessThanOrEqualTo(MediumCache.RUNS_MAX);
                assertThat(cache.heldUnits() * UNIT_BYTES).isLessThanOrEqualTo(BOUND_BYTES);
            }
            int runs = cache.heldRuns();
            assertThat(runs).isEqualTo((int) Math.min(MediumCache.RUNS_MAX, BOUND_BYTES / usableBytes(bytes)));
            for (int i = 1; i <= runs; i++) {
                assertThat(cache.take(bytes, 1)).isEqualTo(handles[20 - i]);
                release(handles[20 - i], bytes);
            }
            assertThat(cache.heldRuns()).isZero();
            requireSound();
        }
    }

    private static long usableBytes(long bytes) {
        return TagFloat.lengthUnits((int) tag(bytes)) * UNIT_BYTES;
    }

    @Test
    void the_oldest_of_all_lengths_makes_room_for_another() {
        long oldest = claim(16_384);
        long newer = claim(5000);
        long[] handles = claim(3, 16_384);
        keep(oldest, 16_384);
        keep(newer, 5000);
        keep(handles, 16_384);
        assertThat(cache.take(5000, 1)).isEqualTo(newer);
        assertThat(List.of(cache.take(16_384, 1), cache.take(16_384, 1), cache.take(16_384, 1)))
                .containsExactly(handles[2], handles[1], handles[0]);
        assertThat(cache.take(16_384, 1)).isEqualTo(Handles.NONE);
        requireSound();
    }

    @Test
    void a_block_longer_than_all_that_is_held_is_not_taken() {
        MediumSegment segment = segmentOf(claim(4096));
        assertThat(cache.put(segment.handleOf(segment.firstUnit()), 0xff)).isFalse();
        assertThat(cache.put(segment.handleOf(segment.firstUnit()), ExtentWord.large(1, 1)))
                .isFalse();
        assertThat(cache.put(Long.MAX_VALUE, 17)).isFalse();
    }

    @Test
    void a_block_that_is_here_is_not_released_again() {
        long handle = claim(5000);
        keep(handle, 5000);
        MediumCache other = blocks.openCache(0);
        assertThat(cache.put(handle, tag(5000))).isFalse();
        assertThat(other.put(handle, tag(5000))).isFalse();
        assertThatThrownBy(() -> release(handle, 5000)).isInstanceOf(IllegalStateException.class);
        requireSound();
        blocks.giveCachedBack();
        assertThat(cache.put(handle, tag(5000))).isFalse();
        assertThatThrownBy(() -> release(handle, 5000)).isInstanceOf(IllegalStateException.class);
        assertThat(blocks.liveBlocks()).isZero();
        requireSound();
    }

    @Test
    void the_verifier_sees_a_block_that_is_here_twice() {
        long handle = claim(5000);
        MediumCache other = blocks.openCache(0);
        keep(handle, 5000);
        MediumSegment segment = segmentOf(handle);
        segment.setWaiting(segment.unitOf(handle), false);
        assertThat(other.put(handle, tag(5000))).isTrue();
        List<Finding> findings = new ArrayList<>();
        blocks.verifier(findings::add).verifyCounters();
        assertThat(findings).extracting(Finding::expected).containsExactly("one cache that has it");
    }

    @Test
    void a_block_of_another_node_goes_back_to_its_own() {
        MediumBlocks divided = blocks(freeExtents(new NodeStretches(List.of(0, 1), REGION_BYTES / 2)));
        MediumCache first = divided.openCache(0);
        long own = divided.reserve(5000, 1, 0);
        long other = divided.reserve(5000, 1, 1);
        assertThat(other).isGreaterThan(REGION_BYTES / 2);
        assertThat(first.put(own, tag(5000))).isTrue();
        assertThat(first.put(other, tag(5000))).isFalse();
        assertThat(divided.openCache(1).put(other, tag(5000))).isTrue();
    }

    @Test
    void a_block_grows_over_what_is_here_if_no_other_block_is_in_its_way() {
        long[] handles = claim(4, 4096);
        keep(handles[1], 4096);
        keep(handles[2], 4096);
        assertThat(grows(handles[0], 4096, 16_384)).as("over a live block").isFalse();
        keep(claim(2, 4096), 4096);
        assertThat(grows(handles[0], 4096, 12_288)).as("over two cached ones").isTrue();
        assertThat(cache.heldRuns()).isZero();
        assertThat(blocks.liveBytes()).isEqualTo(12_288 + 4096);
        requireSound();
    }

    private boolean grows(long handle, long bytes, long newBytes) {
        MediumSegment segment = segmentOf(handle);
        return blocks.reserveTail(segment, handle, tag(bytes), tag(newBytes));
    }

    @Test
    void an_idle_cache_gives_back_one_run_and_then_twice_as_many_at_each_look() {
        keep(claim(MediumCache.RUNS_MAX, 256), 256);
        List<Integer> held = new ArrayList<>();
        for (int look = 0; look < 6; look++) {
            blocks.lookAtCaches();
            held.add(cache.heldRuns());
        }
        assertThat(held)
                .as("runs after each look, the first of which finds it used")
                .containsExactly(16, 15, 13, 9, 1, 0);
        requireSound();
    }

    @Test
    void a_cache_in_use_keeps_what_it_has() {
        keep(claim(4, 5000), 5000);
        for (int look = 0; look < 5; look++) {
            keep(claim(5000), 5000);
            blocks.lookAtCaches();
        }
        assertThat(cache.heldRuns()).isEqualTo(4);
    }

    @Test
    void empty_segments_become_free_pages_when_the_last_of_their_blocks_goes_back() {
        int pages = free.freePages();
        keep(claim(4, 16_384), 16_384);
        int segments = pages - free.freePages();
        cache.close();
        assertThat(pages - free.freePages())
                .as("pages of the one empty segment that is kept")
                .isLessThan(segments);
        assertThat(blocks.dropEmpty()).isTrue();
        assertThat(free.freePages()).isEqualTo(pages);
        requireSound();
    }
}
