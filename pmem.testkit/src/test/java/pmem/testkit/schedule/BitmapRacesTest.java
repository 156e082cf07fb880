package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.BlockGroup;
import pmem.testkit.schedule.AccessRace.Heap;

/** Two accesses of the bitmap policy in every order of their steps with up to two switches. */
class BitmapRacesTest extends AccessRaces {
    private static final int SPACE_BYTES = 32 << 10;
    private static final int BLOCK_BYTES = 16;
    private static final int LARGER_BYTES = 32;
    private static final int SWITCHES_MAX = 2;

    /** Arenas of two words, and of more than eight, which have a summary; without empty ones that are kept. */
    private static final List<Map<String, Long>> SETTINGS = List.of(
            Map.of("pageBytes", 1024L, "arenaBytes", 2048L, "growth", 0L, "emptyArenasKept", 0L),
            Map.of("arenaBytes", 16_384L, "growth", 0L, "emptyArenasKept", 0L));

    private void race(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        for (Map<String, Long> parameters : SETTINGS) {
            run(new AccessRace("bitmap", parameters, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX), bodies, check);
        }
    }

    @Test
    void the_last_bit_is_got_by_one_of_two() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(77));
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    requireLive(heap, capacity);
                });
    }

    @Test
    void one_makes_an_arena_while_another_searches() {
        race(
                heap -> {
                    got[0] = heap.accesses[1].reserve(BLOCK_BYTES, 1);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(3);
                });
    }

    @Test
    void a_block_that_comes_back_to_a_full_space_is_missed_by_nobody_after_that() {
        race(
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(3));
                    return new Runnable[] {
                        () -> {
                            // Takes the last block of a word, which is given back to beside it.
                            got[0] = heap.accesses[0].reserve(BLOCK_BYTES, 1);
                            heap.release(0, all.get(5));
                        },
                        reserving(heap, 1)
                    };
                },
                heap -> {
                    assertThat(gotCount()).isPositive();
                    requireLive(heap, capacity - 2 + gotCount());
                });
    }

    @Test
    void the_last_block_of_an_arena_comes_back_beside_a_claim() {
        race(
                heap -> {
                    long only = heap.accesses[0].reserve(BLOCK_BYTES, 1);
                    return new Runnable[] {() -> heap.release(0, only), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.policy.liveBlocks()).isEqualTo(1);
                    heap.release(0, got[1]);
                    assertThat(heap.policy.usedBytes()).isEqualTo(heap.policy.metadataBytes());
                });
    }

    @Test
    void a_group_is_reset_beside_a_claim_that_has_room_only_then() {
        race(
                heap -> {
                    BlockGroup group = heap.policy.newGroup();
                    long kept = group.reserve(BLOCK_BYTES, 1);
                    long more = kept;
                    while (more != Handles.NONE) {
                        more = group.reserve(BLOCK_BYTES, 1);
                    }
                    group.detach(kept);
                    return new Runnable[] {group::release, reserving(heap, 1)};
                },
                heap -> {
                    int blocks = 1 + (got[1] == Handles.NONE ? 0 : 1);
                    assertThat(heap.policy.liveBlocks()).isEqualTo(blocks);
                    List<Finding> findings = new ArrayList<>();
                    heap.policy.verify(findings::add);
                    assertThat(findings).isEmpty();
                    assertThat(heap.accesses[1].reserve(BLOCK_BYTES, 1)).isNotEqualTo(Handles.NONE);
                });
    }

    @Test
    void the_last_free_block_of_the_next_larger_size_is_got_by_its_own_size_or_lent() {
        raceWithLending(
                1_000_000,
                heap -> {
                    List<Long> larger = larger(heap, 64);
                    heap.release(0, larger.get(9));
                    return new Runnable[] {() -> got[0] = heap.accesses[0].reserve(LARGER_BYTES, 1), reserving(heap, 1)
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    assertThat(heap.policy.usableBytes(got[0], 1)).isEqualTo(LARGER_BYTES);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(65);
                });
    }

    @Test
    void one_of_two_gets_the_one_block_that_may_be_lent_before_an_arena_is_made() {
        // Two percent of a page of 1,024 bytes: one block of 32 bytes for 16.
        raceWithLending(
                2,
                heap -> {
                    List<Long> larger = larger(heap, 64);
                    larger.subList(1, 64).forEach(handle -> heap.release(0, handle));
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    assertThat(Arrays.stream(got).map(handle -> heap.policy.usableBytes(handle, 1)))
                            .containsExactlyInAnyOrder((long) BLOCK_BYTES, (long) LARGER_BYTES);
                    assertThat(heap.findings()).isEmpty();
                });
    }

    private void raceWithLending(long lend, Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        Map<String, Long> parameters =
                Map.of("pageBytes", 1024L, "arenaBytes", 2048L, "growth", 0L, "lendPercent", lend);
        run(new AccessRace("bitmap", parameters, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX), bodies, check);
    }

    /** Takes blocks of the next larger size by the first access. */
    private static List<Long> larger(Heap heap, int count) {
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            handles.add(heap.accesses[0].reserve(LARGER_BYTES, 1));
        }
        return handles;
    }
}
