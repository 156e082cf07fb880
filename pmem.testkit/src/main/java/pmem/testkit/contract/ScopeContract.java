package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolClosedException;
import pmem.api.PoolScope;
import pmem.api.PoolStats;

/** Scopes: arenas whose segments are reserved blocks, freed all at once. */
@OnEveryDomain
public abstract class ScopeContract extends ContractTest {
    private static final long[] SIZES = {1, 8, 24, 60, 900, 5000, 70_000, 1 << 20};

    /** For JUnit. */
    protected ScopeContract() {}

    // "Reserves a block and fills it with zeros."
    @Test
    void segments_are_zeroed_of_the_asked_size_and_aligned() {
        Pool pool = newPool();
        for (int round = 0; round < 2; round++) {
            try (PoolScope scope = pool.scope()) {
                for (long bytes : SIZES) {
                    for (long alignment = 1; alignment <= 4096; alignment *= 8) {
                        MemorySegment segment = scope.allocate(bytes, alignment);
                        assertThat(segment.byteSize()).isEqualTo(bytes);
                        assertThat(segment.address() % alignment).isZero();
                        assertThat(segment.mismatch(MemorySegment.ofArray(new byte[(int) bytes])))
                                .isEqualTo(-1);
                        segment.fill((byte) 0x5a);
                    }
                }
                assertThat(scope.allocate(0, 1).byteSize()).isZero();
            }
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void segments_overlap_neither_each_other_nor_live_blocks() {
        Pool pool = newPool();
        NavigableMap<Long, Long> taken = new TreeMap<>();
        try (PoolScope scope = pool.scope();
                PoolScope other = pool.scope()) {
            for (int i = 0; i < 600; i++) {
                long bytes = 1 + i * 37L % 3000;
                long handle = switch (i % 3) {
                    case 0 -> pool.allocate(bytes);
                    case 1 -> pool.handle(scope.allocate(bytes));
                    default -> pool.handle(other.allocate(bytes));
                };
                assertThat(taken.subMap(handle, handle + bytes)).isEmpty();
                Map.Entry<Long, Long> below = taken.lowerEntry(handle);
                assertThat(below == null || below.getKey() + below.getValue() <= handle)
                        .isTrue();
                taken.put(handle, bytes);
            }
            assertThat(Blocks.walk(pool)).hasSize(200);
            assertThat(pool.stats().liveBlocks()).isEqualTo(200);
        }
        assertThat(Blocks.walk(pool)).hasSize(200);
    }

    // "allocating writes nothing to media and waits for nothing"
    @Test
    void allocating_and_closing_write_nothing_to_media() {
        if (!setting.policy().equals("bitmap")) {
            // Other policies prepare slabs for a scope as for anybody.
            return;
        }
        Pool pool = newPool();
        PoolStats before = pool.stats();
        try (PoolScope scope = pool.scope()) {
            for (int i = 0; i < 10_000; i++) {
                scope.allocate(1 + i % 500, 8);
            }
        }
        assertThat(pool.stats().fences()).isEqualTo(before.fences());
        assertThat(pool.stats().linesWrittenBack()).isEqualTo(before.linesWrittenBack());
        assertThat(pool.usedBytes()).isEqualTo(before.usedBytes());
    }

    // "frees all of them at once"
    @Test
    void a_closed_scope_leaves_the_whole_room_without_end() {
        Pool pool = newPool();
        long largest = pool.stats().largestFreeBytes();
        for (int round = 0; round < 40; round++) {
            try (PoolScope scope = pool.scope()) {
                for (long sum = 0; sum < pool.stats().capacityBytes() / 4; sum += 3000) {
                    scope.allocate(2500);
                }
                scope.allocate(300_000);
            }
        }
        Blocks.assertStatistics(pool, 0, 0);
        pool.free(pool.allocate(largest));
    }

    @Test
    void blocks_of_a_scope_are_not_live_and_nobody_else_can_use_them() {
        Pool pool = newPool();
        try (PoolScope scope = pool.scope()) {
            for (long bytes : SIZES) {
                long handle = pool.handle(scope.allocate(bytes));
                assertThat(pool.isLive(handle)).isFalse();
                assertInvalidHandle(() -> pool.free(handle));
                assertInvalidHandle(() -> pool.publish(handle));
                assertInvalidHandle(() -> pool.cancel(handle));
                assertInvalidHandle(() -> pool.segment(handle));
            }
            Blocks.assertStatistics(pool, 0, 0);
            assertThat(pool.verify()).isEmpty();
        }
    }

    // "Makes a segment's block allocated ... The block outlives the scope"
    @Test
    void a_kept_block_is_live_with_its_content_and_all_others_are_gone() {
        Pool pool = newPool();
        Map<Long, Long> kept = new TreeMap<>();
        try (PoolScope scope = pool.scope()) {
            for (int i = 0; i < 400; i++) {
                long bytes = 1 + i * 131L % 9000;
                MemorySegment segment = scope.allocate(bytes);
                Blocks.stamp(segment, bytes, i);
                if (i % 7 == 0) {
                    kept.put(scope.keep(segment), (long) i);
                }
            }
            assertThat(Blocks.walk(pool).keySet()).isEqualTo(kept.keySet());
        }
        assertThat(Blocks.walk(pool).keySet()).isEqualTo(kept.keySet());
        assertThat(pool.stats().liveBlocks()).isEqualTo(kept.size());
        kept.forEach((handle, i) -> {
            long bytes = 1 + i * 131L % 9000;
            Blocks.assertStamped(pool.segment(handle), bytes, bytes, i);
            pool.free(handle);
        });
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void kept_blocks_can_be_freed_while_their_scope_is_open() {
        Pool pool = newPool();
        try (PoolScope scope = pool.scope()) {
            for (int i = 0; i < 200; i++) {
                long handle = scope.keep(scope.allocate(100));
                scope.allocate(100);
                pool.free(handle);
            }
            Blocks.assertStatistics(pool, 0, 0);
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "from now on it is one that Pool.reserve gave"
    @Test
    void a_detached_block_can_be_published_to_a_link_or_cancelled() {
        Pool pool = newPool();
        long slot = pool.rootSlot("r");
        long linked;
        try (PoolScope scope = pool.scope()) {
            MemorySegment segment = scope.allocate(80);
            segment.set(ValueLayout.JAVA_BYTE, 7, (byte) 9);
            linked = scope.detach(segment);
            assertThat(pool.publishTo(slot, linked)).isTrue();
            pool.cancel(scope.detach(scope.allocate(80)));
            pool.cancel(scope.detach(scope.allocate(80_000)));
        }
        assertThat(pool.root("r")).isEqualTo(linked);
        assertThat(pool.segment(linked).get(ValueLayout.JAVA_BYTE, 7)).isEqualTo((byte) 9);
        assertThat(Blocks.walk(pool)).containsOnlyKeys(linked);
    }

    @Test
    void only_a_block_of_the_scope_can_be_taken_out_and_only_once() {
        Pool pool = newPool();
        long live = pool.allocate(100);
        try (PoolScope scope = pool.scope();
                PoolScope other = pool.scope()) {
            MemorySegment segment = scope.allocate(100);
            assertInvalidHandle(() -> other.keep(segment));
            assertInvalidHandle(() -> scope.keep(segment.asSlice(8)));
            assertInvalidHandle(() -> scope.keep(pool.segment(live)));
            assertInvalidHandle(() -> scope.keep(MemorySegment.ofArray(new long[4])));
            scope.keep(segment);
            assertInvalidHandle(() -> scope.keep(segment));
            assertInvalidHandle(() -> scope.detach(segment));
        }
        assertThat(Blocks.walk(pool)).hasSize(2);
    }

    @Test
    void a_pool_full_of_a_scopes_blocks_refuses_more_and_goes_on() {
        Pool pool = newPool();
        List<MemorySegment> segments = new ArrayList<>();
        try (PoolScope scope = pool.scope()) {
            assertOutOfSpace(() -> {
                while (true) {
                    segments.add(scope.allocate(6000));
                }
            });
            assertOutOfSpace(() -> pool.allocate(6000));
            scope.keep(segments.getFirst());
        }
        assertThat(Blocks.walk(pool)).hasSize(1);
        assertThat(Blocks.fill(pool, 6000).size()).isGreaterThanOrEqualTo(segments.size() * 99 / 100);
    }

    // "segments inaccessible", "After close() every call throws IllegalStateException"
    @Test
    void nothing_works_after_the_close() {
        Pool pool = newPool();
        PoolScope scope = pool.scope();
        MemorySegment segment = scope.allocate(100);
        scope.close();
        assertThat(scope.scope().isAlive()).isFalse();
        assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> scope.allocate(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> scope.keep(segment)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(scope::close).isInstanceOf(IllegalStateException.class);
    }

    // "@throws IllegalArgumentException if the size is negative or the alignment not a power of two"
    @Test
    void impossible_sizes_and_alignments_are_refused() {
        Pool pool = newPool();
        try (PoolScope scope = pool.scope()) {
            assertInvalidArgument(() -> scope.allocate(-1, 1));
            assertInvalidArgument(() -> scope.allocate(1, 0));
            assertInvalidArgument(() -> scope.allocate(1, 3));
        }
    }

    // "refuse any other with a WrongThreadException"
    @Test
    void another_thread_is_refused() throws Exception {
        Pool pool = newPool();
        try (PoolScope scope = pool.scope()) {
            MemorySegment segment = scope.allocate(100);
            List<Boolean> refused = Crew.run(1, index -> {
                assertThatThrownBy(() -> scope.allocate(1)).isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(() -> scope.keep(segment)).isInstanceOf(WrongThreadException.class);
                assertThatThrownBy(scope::close).isInstanceOf(WrongThreadException.class);
                return true;
            });
            assertThat(refused).containsExactly(true);
        }
    }

    @Test
    void a_scope_may_be_closed_after_its_pool() {
        Pool pool = newPool();
        PoolScope scope = pool.scope();
        scope.allocate(100);
        pool.close();
        assertThatThrownBy(() -> scope.allocate(100)).isInstanceOf(PoolClosedException.class);
        scope.close();
    }

    @Test
    void threads_with_scopes_of_their_own_share_a_pool_with_those_that_have_none() throws Exception {
        Pool pool = newPool();
        Crew.run(4, index -> {
            for (int round = 0; round < 60; round++) {
                List<Long> handles = new ArrayList<>();
                try (PoolScope scope = pool.scope()) {
                    for (int i = 0; i < 40; i++) {
                        MemorySegment segment = scope.allocate(1 + (i * 53L + index) % 700);
                        Blocks.stamp(segment, segment.byteSize(), index);
                        handles.add(i % 5 == 0 ? scope.keep(segment) : pool.allocate(64));
                        Blocks.assertStamped(segment, segment.byteSize(), segment.byteSize(), index);
                    }
                }
                handles.forEach(pool::free);
            }
            return true;
        });
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "back from segment or PoolScope.allocate"
    @Test
    void a_segment_leads_back_to_its_handle() {
        Pool pool = newPool();
        long live = pool.allocate(100);
        assertThat(pool.handle(pool.segment(live))).isEqualTo(live);
        assertThat(pool.handle(pool.segment(live).asSlice(0, 1))).isEqualTo(live);
        assertInvalidHandle(() -> pool.handle(MemorySegment.ofArray(new byte[100])));
        assertInvalidHandle(() -> pool.handle(MemorySegment.NULL));
        assertThat(live).isNotEqualTo(Handles.NONE);
    }
}
