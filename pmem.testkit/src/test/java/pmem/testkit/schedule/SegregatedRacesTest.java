package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.testkit.schedule.AccessRace.Heap;

/**
 * Two accesses of the segregated policy in every order of their steps with up to two switches: slabs that change hands, blocks
 * given back to their owner, the maintainer beside either.
 */
class SegregatedRacesTest {
    private static final int SPACE_BYTES = 8 << 10;
    private static final int BLOCK_BYTES = 128;
    private static final int SWITCHES_MAX = 2;

    /**
     * Slabs of seven blocks on a page of their own; no thread that works at times of its own. Few classes, as who is short of room looks
     * into all larger ones, and each look is a place to switch.
     */
    private static final Map<String, Long> SMALL = smallSlabs();

    private static Map<String, Long> smallSlabs() {
        Map<String, Long> parameters = new TreeMap<>();
        parameters.put("pageBytes", 1024L);
        parameters.put("slabBytes", 1024L);
        parameters.put("largestClassBytes", 256L);
        parameters.put("mediumBytes", 0L);
        parameters.put("arenas", 1L);
        parameters.put("headerColours", 1L);
        parameters.put("growth", 0L);
        parameters.put("maintenanceMillis", 0L);
        parameters.put("emptySlabsKept", 0L);
        return parameters;
    }

    /** As those, and a slab becomes a thread's when it releases a block of it. */
    private static final Map<String, Long> ADOPTING = withAdoption();

    private static Map<String, Long> withAdoption() {
        Map<String, Long> parameters = new TreeMap<>(SMALL);
        parameters.put("adoptAfter", 1L);
        return parameters;
    }

    private final ExecutorService executor = Executors.newFixedThreadPool(2);
    private final long[] got = new long[2];
    private long[] of0 = {};

    @AfterEach
    void stopThreads() {
        executor.close();
    }

    /** That so many blocks are live, and that the others are there to be had. */
    private static void requireLive(Heap heap, int blocks, int capacity) {
        assertThat(heap.findings()).isEmpty();
        assertThat(heap.policy.liveBlocks()).isEqualTo(blocks);
        assertThat(heap.fill(1)).doesNotHaveDuplicates().hasSize(capacity - blocks);
        assertThat(heap.findings()).isEmpty();
    }

    private void race(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        for (Map<String, Long> parameters : List.of(SMALL, ADOPTING)) {
            new AccessRace("segregated", parameters, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX)
                    .run(executor, bodies, check);
        }
    }

    private void raceOfExclusive(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        for (Map<String, Long> parameters : List.of(SMALL, ADOPTING)) {
            new AccessRace("segregated", parameters, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX)
                    .ofExclusive()
                    .run(executor, bodies, check);
        }
    }

    private Runnable reserving(Heap heap, int access) {
        return () -> got[access] = heap.reserve(access);
    }

    private int gotCount() {
        return (int) Arrays.stream(got).filter(handle -> handle != Handles.NONE).count();
    }

    private static void releaseElsewhere(Heap heap, long handle) {
        heap.policy.release(handle, heap.policy.allocatedValue(handle, BLOCK_BYTES, 1));
    }

    @Test
    void the_last_block_is_got_by_one_of_two() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    heap.release(0, all.get(9));
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    requireLive(heap, capacity[0], capacity[0]);
                });
    }

    @Test
    void the_last_two_blocks_are_got_by_one_each() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    heap.release(0, all.get(9));
                    heap.release(0, all.get(30));
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity[0], capacity[0]);
                });
    }

    @Test
    void an_access_knows_its_own_block_though_another_claims_from_its_slab() {
        long[] field = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    heap.release(0, all.get(9));
                    heap.release(0, all.get(10));
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            field[0] = heap.accesses[0].stateField(got[0]);
                        },
                        reserving(heap, 1)
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    assertThat(field[0]).isEqualTo(heap.policy.stateField(got[0]));
                });
    }

    @Test
    void a_block_released_elsewhere_comes_back_beside_a_claim_of_its_owner() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    heap.release(0, all.get(9));
                    return new Runnable[] {reserving(heap, 0), () -> heap.release(1, all.get(10))};
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity[0] - 1, capacity[0]);
                });
    }

    @Test
    void two_release_blocks_of_a_slab_that_is_not_theirs_and_get_one_each() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    return new Runnable[] {
                        () -> {
                            releaseElsewhere(heap, all.get(9));
                            got[0] = heap.policy.reserve(BLOCK_BYTES, 1);
                        },
                        () -> {
                            heap.release(1, all.get(10));
                            got[1] = heap.reserve(1);
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity[0], capacity[0]);
                });
    }

    @Test
    void the_last_two_blocks_of_a_slab_are_released_by_its_owner_and_elsewhere() {
        race(
                heap -> {
                    long first = heap.reserve(0);
                    long second = heap.reserve(0);
                    return new Runnable[] {() -> heap.release(0, first), () -> heap.release(1, second)};
                },
                heap -> {
                    requireEmpty(heap);
                });
    }

    private static void requireEmpty(Heap heap) {
        assertThat(heap.policy.liveBlocks()).isZero();
        heap.policy.maintain();
        heap.accesses[0].release(heap.reserve(0), 1);
        assertThat(heap.findings()).isEmpty();
        assertThat(heap.policy.usedBytes()).isEqualTo(heap.policy.metadataBytes());
    }

    /** A slab of the depot, whose owner is gone, with so many live blocks and room. */
    private static long[] slabInDepot(Heap heap, int blocks) {
        long[] handles = new long[blocks];
        try (PolicyAccess gone = heap.policy.openAccess(false)) {
            for (int i = 0; i < blocks; i++) {
                handles[i] = gone.reserve(BLOCK_BYTES, 1);
            }
        }
        return handles;
    }

    @Test
    void a_slab_is_taken_from_the_depot_while_its_last_block_comes_back() {
        int[] capacity = {0};
        race(
                heap -> {
                    capacity[0] = drained(heap);
                    long[] handles = slabInDepot(heap, 1);
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            got[1] = heap.reserve(0);
                        },
                        () -> heap.release(1, handles[0])
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 2, capacity[0]);
                });
    }

    private static int drained(Heap heap) {
        List<Long> all = heap.fill(0);
        all.forEach(handle -> heap.release(0, handle));
        return all.size();
    }

    @Test
    void two_take_the_same_slab_from_the_depot() {
        int[] capacity = {0};
        race(
                heap -> {
                    capacity[0] = drained(heap);
                    slabInDepot(heap, 3);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 5, capacity[0]);
                });
    }

    @Test
    void an_access_is_closed_beside_a_release_of_its_block() {
        int[] capacity = {0};
        race(
                heap -> {
                    capacity[0] = drained(heap);
                    long first = heap.reserve(0);
                    heap.reserve(0);
                    return new Runnable[] {() -> heap.accesses[0].close(), () -> heap.release(1, first)};
                },
                heap -> requireLive(heap, 1, capacity[0]));
    }

    @Test
    void an_access_is_closed_beside_a_claim_that_has_room_only_in_its_slabs() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    heap.release(0, all.get(9));
                    return new Runnable[] {() -> heap.accesses[0].close(), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity[0], capacity[0]);
                });
    }

    @Test
    void the_maintainer_collects_what_an_access_uses_again() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    all.subList(0, 20).forEach(handle -> heap.release(0, handle));
                    heap.policy.maintain();
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            heap.release(0, all.get(21));
                            got[1] = heap.reserve(0);
                        },
                        heap.policy::maintain
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity[0] - 19, capacity[0]);
                });
    }

    @Test
    void the_maintainer_collects_beside_a_release_elsewhere() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    all.subList(0, 13).forEach(handle -> heap.release(0, handle));
                    heap.policy.maintain();
                    return new Runnable[] {() -> heap.release(1, all.get(13)), heap.policy::maintain};
                },
                heap -> requireLive(heap, capacity[0] - 14, capacity[0]));
    }

    @Test
    void the_maintainer_collects_what_was_released_elsewhere_beside_claims_of_the_owner() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    heap.release(0, all.get(8));
                    heap.release(1, all.get(9));
                    heap.release(1, all.get(10));
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            got[1] = heap.reserve(0);
                        },
                        heap.policy::maintain
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity[0] - 1, capacity[0]);
                });
    }

    @Test
    void the_maintainer_collects_what_was_released_elsewhere_beside_a_release_of_the_owner() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    heap.release(0, all.get(8));
                    heap.release(0, all.get(9));
                    heap.reserve(0);
                    heap.release(1, all.get(10));
                    return new Runnable[] {() -> heap.release(0, all.get(11)), heap.policy::maintain};
                },
                heap -> requireLive(heap, capacity[0] - 3, capacity[0]));
    }

    @Test
    void room_that_the_maintainer_moves_is_missed_by_nobody() {
        int[] capacity = {0};
        race(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    heap.release(0, all.get(9));
                    heap.policy.maintain();
                    return new Runnable[] {heap.policy::maintain, reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity[0], capacity[0]);
                });
    }

    @Test
    void the_maintainer_leaves_an_exclusive_access_alone() {
        AccessRace race = new AccessRace("segregated", SMALL, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX + 1).ofExclusive();
        race.run(
                executor,
                heap -> {
                    long first = heap.reserve(0);
                    return new Runnable[] {
                        () -> {
                            heap.release(0, first);
                            got[0] = heap.reserve(0);
                        },
                        heap.policy::maintain
                    };
                },
                heap -> {
                    assertThat(heap.policy.liveBlocks()).isEqualTo(1);
                    assertThat(heap.findings()).isEmpty();
                    heap.release(0, got[0]);
                    assertThat(heap.policy.usedBytes()).isEqualTo(heap.policy.metadataBytes());
                    assertThat(heap.findings()).isEmpty();
                });
    }

    @Test
    void an_exclusive_access_claims_beside_releases_of_its_blocks_elsewhere() {
        int[] capacity = {0};
        raceOfExclusive(
                heap -> {
                    List<Long> all = heap.fill(0);
                    capacity[0] = all.size();
                    heap.release(0, all.get(9));
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            got[1] = heap.reserve(0);
                        },
                        () -> heap.release(1, all.get(10))
                    };
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(capacity[0] - 2 + gotCount());
                    assertThat(heap.fill(0)).doesNotHaveDuplicates().hasSize(2 - gotCount());
                });
    }

    @Test
    void two_accesses_release_blocks_of_each_other() {
        int[] capacity = {0};
        race(
                heap -> {
                    capacity[0] = drained(heap);
                    long[] of0 = blocks(heap, 0, 8);
                    long[] of1 = blocks(heap, 1, 8);
                    return new Runnable[] {
                        () -> {
                            heap.release(0, of1[0]);
                            got[0] = heap.reserve(0);
                        },
                        () -> {
                            heap.release(1, of0[0]);
                            got[1] = heap.reserve(1);
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 16, capacity[0]);
                });
    }

    private static long[] blocks(Heap heap, int access, int count) {
        long[] handles = new long[count];
        for (int i = 0; i < count; i++) {
            handles[i] = heap.reserve(access);
        }
        return handles;
    }

    @Test
    void all_blocks_of_a_slab_are_released_by_two_who_do_not_own_it() {
        int[] capacity = {0};
        race(
                heap -> {
                    capacity[0] = drained(heap);
                    try (PolicyAccess third = heap.policy.openAccess(false)) {
                        long first = third.reserve(BLOCK_BYTES, 1);
                        long second = third.reserve(BLOCK_BYTES, 1);
                        return new Runnable[] {() -> heap.release(0, first), () -> heap.release(1, second)};
                    }
                },
                heap -> requireLive(heap, 0, capacity[0]));
    }

    @Test
    void an_owner_claims_from_a_slab_of_which_another_releases() {
        int[] capacity = {0};
        race(
                heap -> {
                    capacity[0] = drained(heap);
                    // The slab of the first seven is full; the other one is claimed from.
                    long[] of0 = blocks(heap, 0, 13);
                    return new Runnable[] {
                        () -> {
                            heap.release(0, of0[1]);
                            got[0] = heap.reserve(0);
                            got[1] = heap.reserve(0);
                        },
                        () -> {
                            heap.release(1, of0[0]);
                            heap.release(1, of0[12]);
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 12, capacity[0]);
                });
    }

    /**
     * The first of three full slabs of access 0 comes back by access 1, the first block before the race. The last one may be given back just after
     * its owner has looked, by one who had seen the slab before its owner: then somebody must see to it.
     */
    private void raceOfNotices(Consumer<Heap> seesToIt) {
        new AccessRace("segregated", SMALL, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX)
                .run(
                        executor,
                        heap -> {
                            of0 = blocks(heap, 0, 21);
                            heap.release(1, of0[0]);
                            return new Runnable[] {
                                reserving(heap, 0),
                                () -> {
                                    for (int i = 1; i < 7; i++) {
                                        heap.release(1, of0[i]);
                                    }
                                }
                            };
                        },
                        heap -> {
                            long usedBytes = heap.policy.usedBytes();
                            seesToIt.accept(heap);
                            long free = of0.length - heap.policy.liveBlocks();
                            for (int i = 0; i < free; i++) {
                                heap.reserve(0);
                            }
                            assertThat(heap.policy.usedBytes())
                                    .as("the owner found all free blocks, and made no slab")
                                    .isEqualTo(usedBytes);
                            assertThat(heap.findings()).isEmpty();
                        });
    }

    @Test
    void a_block_that_came_back_just_after_its_owner_looked_is_announced_by_the_next_release() {
        raceOfNotices(heap -> heap.release(1, of0[7]));
    }

    @Test
    void a_block_that_came_back_just_after_its_owner_looked_is_announced_by_a_close() {
        raceOfNotices(heap -> heap.accesses[1].close());
    }

    @Test
    void a_block_that_came_back_just_after_its_owner_looked_is_found_by_the_maintainer() {
        raceOfNotices(heap -> heap.policy.maintain());
    }

    @Test
    void an_exclusive_access_passes_a_slab_on_to_one_that_closes() {
        int[] capacity = {0};
        raceOfExclusive(
                heap -> {
                    capacity[0] = drained(heap);
                    long[] of0 = blocks(heap, 0, 14);
                    // From here on the other wants the first slab.
                    heap.release(1, of0[0]);
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            heap.release(0, of0[8]);
                        },
                        () -> {
                            heap.release(1, of0[1]);
                            heap.accesses[1].close();
                        }
                    };
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(12);
                    assertThat(heap.fill(0)).doesNotHaveDuplicates().hasSize(capacity[0] - 12);
                });
    }

    @Test
    void storage_goes_back_beside_a_claim_that_has_room_only_there() {
        Map<String, Long> parameters = new TreeMap<>(SMALL);
        parameters.put("giveBackTicks", 1L);
        parameters.put("freeBytesKept", 0L);
        int[] capacity = {0};
        new AccessRace("segregated", parameters, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX)
                .run(
                        executor,
                        heap -> {
                            List<Long> all = heap.fill(0);
                            capacity[0] = all.size();
                            all.subList(0, 7).forEach(handle -> heap.release(0, handle));
                            return new Runnable[] {
                                heap.policy::maintain,
                                () -> {
                                    got[1] = heap.reserve(1);
                                    // Touches its page: an error while the page has no storage.
                                    heap.write(got[1]);
                                }
                            };
                        },
                        heap -> {
                            assertThat(got[1]).isNotEqualTo(Handles.NONE);
                            requireLive(heap, capacity[0] - 6, capacity[0]);
                        });
    }
}
