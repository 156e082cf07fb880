package pmem.policy.bitmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.spi.PolicyParameters;
import pmem.spi.StateField;

class BitmapPolicyTest {
    private static final long MIB = 1 << 20;

    /** A space a crash explorer can work through. */
    static final Map<String, Long> TINY = Map.of("pageBytes", 256L, "arenaBytes", 512L);

    @Test
    void a_block_holds_what_was_asked_for_and_is_aligned() {
        Heap heap = Heap.create(4 * MIB, Map.of());
        for (long alignment = 1; alignment <= 65_536; alignment *= 2) {
            for (long bytes : new long[] {1, 7, 8, 16, 24, 100, 129, 500, 1000, 4096, 5000, 16_384, 16_385, 50_000}) {
                long handle = heap.allocate(bytes, alignment);
                assertThat(handle).isNotEqualTo(Handles.NONE);
                assertThat(handle % Math.max(16, alignment)).isZero();
                assertThat(heap.usableBytes(handle)).isGreaterThanOrEqualTo(bytes);
                heap.free(handle);
            }
        }
        assertThat(heap.findings()).isEmpty();
    }

    @Test
    void a_fresh_space_serves_one_block_of_all_its_pages() {
        Heap heap = Heap.create(MIB, Map.of());
        long all = heap.policy.largestFreeBytes();
        assertThat(all).isGreaterThan(MIB * 9 / 10).isEqualTo(MIB - heap.policy.metadataBytes());
        assertThat(heap.allocate(all + 1)).isEqualTo(Handles.NONE);
        long handle = heap.allocate(all);
        assertThat(heap.usableBytes(handle)).isEqualTo(all);
        assertThat(heap.policy.usedBytes()).isEqualTo(MIB);
        assertThat(heap.policy.largestFreeBytes()).isZero();
        heap.free(handle);
        assertThat(heap.policy.largestFreeBytes()).isEqualTo(all);
    }

    @Test
    void impossible_sizes_and_alignments_find_no_room() {
        Heap heap = Heap.create(MIB, Map.of());
        assertThat(heap.policy.reserve(Long.MAX_VALUE, 1)).isEqualTo(Handles.NONE);
        assertThat(heap.policy.reserve(1, 1L << 62)).isEqualTo(Handles.NONE);
        assertThat(heap.policy.reserve(Long.MAX_VALUE, 1L << 62)).isEqualTo(Handles.NONE);
    }

    @Test
    void largest_free_bytes_can_be_reserved_and_one_more_cannot() {
        for (Map<String, Long> parameters : List.of(Map.<String, Long>of(), TINY)) {
            Heap heap = Heap.create(64 * 1024, parameters);
            while (heap.allocate(700) != Handles.NONE) {
                long largest = heap.policy.largestFreeBytes();
                assertThat(heap.policy.reserve(largest + 1, 1)).isEqualTo(Handles.NONE);
                if (largest > 0) {
                    long handle = heap.policy.reserve(largest, 1);
                    assertThat(handle).isNotEqualTo(Handles.NONE);
                    heap.policy.release(handle, heap.policy.allocatedValue(handle, largest, 1));
                }
            }
            assertThat(heap.findings()).isEmpty();
        }
    }

    @Test
    void a_full_space_drains_and_fills_to_the_same_number_of_blocks() {
        for (long bytes : new long[] {16, 64, 200, 3000, 16_384, 40_000}) {
            Heap heap = Heap.create(MIB, Map.of());
            List<Long> first = heap.fill(bytes);
            assertThat(new HashSet<>(first)).hasSameSizeAs(first);
            assertThat(heap.policy.liveBlocks()).isEqualTo(first.size());
            assertThat(heap.findings()).isEmpty();
            first.forEach(heap::free);
            assertThat(heap.policy.liveBlocks()).isZero();
            assertThat(heap.policy.liveBytes()).isZero();
            assertThat(heap.findings()).isEmpty();
            assertThat(heap.fill(bytes)).hasSameSizeAs(first);
        }
    }

    @Test
    void small_blocks_use_nearly_the_whole_space() {
        Heap heap = Heap.create(MIB, Map.of());
        assertThat(heap.fill(64).size() * 64L).isGreaterThan(MIB * 97 / 100);
    }

    @Test
    void pages_of_emptied_arenas_serve_other_sizes() {
        Heap heap = Heap.create(MIB, Map.of());
        long all = heap.policy.largestFreeBytes();
        for (long bytes : new long[] {48, 1000, 16, 9000, all}) {
            List<Long> handles = heap.fill(bytes);
            assertThat(handles).isNotEmpty();
            handles.forEach(heap::free);
            assertThat(heap.policy.largestFreeBytes()).isEqualTo(all);
        }
    }

    @Test
    void an_empty_arena_is_kept_and_others_give_their_pages_back() {
        Heap heap = Heap.create(MIB, Map.of());
        long before = heap.policy.usedBytes();
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            handles.add(heap.allocate(64));
        }
        handles.forEach(heap::free);
        assertThat(heap.policy.usedBytes()).isEqualTo(before + 4096);

        Heap keepsNone = Heap.create(MIB, Map.of("emptyArenasKept", 0L));
        keepsNone.free(keepsNone.allocate(64));
        assertThat(keepsNone.policy.usedBytes()).isEqualTo(before);
    }

    @Test
    void blocks_of_larger_classes_serve_when_pages_are_short() {
        Heap heap = Heap.create(64 * 1024, Map.of());
        List<Long> handles = heap.fill(1024);
        heap.free(handles.get(5));
        long handle = heap.allocate(100);
        assertThat(handle).isEqualTo(handles.get(5));
        assertThat(heap.usableBytes(handle)).isEqualTo(1024);
        assertThat(heap.allocate(100)).isEqualTo(Handles.NONE);
    }

    @Test
    void only_the_first_byte_of_a_block_has_a_state_field() {
        Heap heap = Heap.create(64 * 1024, TINY);
        Set<Long> starts = new HashSet<>();
        for (long bytes : new long[] {16, 48, 64, 256, 700, 20_000}) {
            long handle = heap.allocate(bytes);
            for (long at = 1; at < heap.usableBytes(handle); at++) {
                assertThat(heap.policy.stateField(handle + at)).isEqualTo(StateField.NONE);
            }
            starts.add(heap.policy.stateField(handle));
        }
        assertThat(starts).hasSize(6).doesNotContain(StateField.NONE);
    }

    @Test
    void foreign_handles_have_no_state_field() {
        Heap heap = Heap.create(64 * 1024, Map.of());
        long handle = heap.allocate(20_000);
        heap.free(handle);
        for (long foreign : new long[] {
            0,
            1,
            8,
            -1,
            -8,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Long.MAX_VALUE - 7,
            Heap.START_OFFSET,
            heap.space.endOffset(),
            heap.space.endOffset() - 8,
            handle
        }) {
            assertThat(heap.policy.stateField(foreign))
                    .as(Handles.format(foreign))
                    .isEqualTo(StateField.NONE);
        }
    }

    @Test
    void giving_back_what_nobody_has_is_refused() {
        Heap heap = Heap.create(64 * 1024, Map.of());
        long kept = heap.allocate(100);
        long handle = heap.allocate(100);
        heap.free(handle);
        for (long wrong : new long[] {handle, handle + 16, 0, kept + 1}) {
            assertThatThrownBy(() -> heap.policy.release(wrong, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("handle=");
        }
        assertThat(heap.findings()).isEmpty();
    }

    @Test
    void the_table_word_of_an_arena_is_durable_before_its_first_block_is_handed_out() {
        Heap heap = Heap.create(MIB, Map.of());
        heap.policy.reserve(64, 1);
        assertThat(heap.region.onMedia(Heap.START_OFFSET)).isNotZero();
    }

    @Test
    void the_table_word_of_an_arena_is_durably_clear_before_its_pages_are_free() {
        Heap heap = Heap.create(MIB, Map.of("emptyArenasKept", 0L));
        heap.free(heap.allocate(64));
        assertThat(heap.region.onMedia(Heap.START_OFFSET)).isZero();
    }

    @Test
    void a_space_that_was_not_zero_is_formatted_empty() {
        ArrayRegion region = new ArrayRegion(MIB);
        for (long offset = 0; offset < MIB; offset += 8) {
            region.storePlain(offset, -1L);
        }
        BitmapProvider provider = new BitmapProvider();
        PolicyParameters parameters = PolicyParameters.of(provider, Map.of());
        pmem.spi.PolicySpace space = new pmem.spi.PolicySpace(region, 4096, MIB);
        provider.format(space, parameters, false);
        assertThat(provider.attach(space, parameters).liveBlocks()).isZero();
    }

    @Test
    void the_smallest_space_holds_a_block() {
        BitmapProvider provider = new BitmapProvider();
        for (long pageBytes = 256; pageBytes <= MIB; pageBytes *= 2) {
            for (long ladder = 0; ladder < 2; ladder++) {
                Map<String, Long> chosen = Map.of("pageBytes", pageBytes, "ladder", ladder);
                long bytes = provider.minimumBytes(PolicyParameters.of(provider, chosen));
                assertThat(Heap.create(bytes, chosen).allocate(1)).isNotEqualTo(Handles.NONE);
            }
        }
    }

    @Test
    void a_pool_with_damaged_metadata_is_refused() {
        assertThatThrownBy(() -> {
                    Heap heap = Heap.create(16 * 1024, TINY);
                    heap.allocate(64);
                    ArrayRegion damaged = heap.region.afterPowerLoss();
                    damaged.storePlain(Heap.START_OFFSET, damaged.loadPlain(Heap.START_OFFSET) ^ 4);
                    new BitmapProvider()
                            .attach(
                                    new pmem.spi.PolicySpace(damaged, Heap.START_OFFSET, damaged.capacityBytes()),
                                    PolicyParameters.of(new BitmapProvider(), TINY));
                })
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("page=0")
                .hasMessageContaining("wordOffset=0x1000");
    }
}
