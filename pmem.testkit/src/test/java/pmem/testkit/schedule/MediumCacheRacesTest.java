package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.testkit.schedule.AccessRace.Heap;

/**
 * Medium blocks that an access of the segregated policy keeps, beside whoever else wants them, in every order of their steps with up
 * to two switches: of an access that others may drain, and of one whose slabs are its alone.
 */
class MediumCacheRacesTest extends AccessRaces {
    private static final int SPACE_BYTES = 16 << 10;
    private static final int BLOCK_BYTES = 600;
    private static final int LONGER_BYTES = 900;
    private static final int SWITCHES_MAX = Integer.getInteger("pmem.preemptions", 2);

    /** Blocks of three units, three to a segment of two pages; no thread that works at times of its own. */
    private static final Map<String, Long> SMALL = Map.of(
            "pageBytes", 1024L,
            "slabBytes", 1024L,
            "largestClassBytes", 256L,
            "mediumBytes", 1024L,
            "mediumUnitBytes", 256L,
            "mediumSegmentBytes", 2048L,
            "arenas", 1L,
            "headerColours", 1L,
            "maintenanceMillis", 0L,
            "emptySlabsKept", 0L);

    private void race(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        AccessRace race = new AccessRace("segregated", SMALL, SPACE_BYTES, BLOCK_BYTES, SWITCHES_MAX);
        run(race, bodies, check);
        run(race.ofExclusive(), bodies, check);
    }

    /** All blocks that there is room for; so many of them, which are medium ones, wait in the first access. */
    private List<Long> fullBut(Heap heap, int cached) {
        List<Long> all = full(heap);
        for (int i = 0; i < cached; i++) {
            heap.release(0, all.get(i));
        }
        return all;
    }

    @Test
    void the_last_block_is_got_by_the_access_that_keeps_it_or_by_one_short_of_room() {
        race(
                heap -> {
                    fullBut(heap, 1);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    requireLive(heap, capacity);
                });
    }

    @Test
    void the_last_two_blocks_are_got_by_one_each() {
        race(
                heap -> {
                    fullBut(heap, 2);
                    return new Runnable[] {reserving(heap, 0), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity);
                });
    }

    private static long reserveLonger(Heap heap) {
        return heap.accesses[0].reserve(LONGER_BYTES, 1);
    }

    private static void releaseLonger(Heap heap, long handle) {
        heap.accesses[0].release(handle, heap.accesses[0].allocatedValue(handle, LONGER_BYTES, 1));
    }

    @Test
    void one_short_of_room_gets_a_block_of_two_that_an_access_uses_in_turn() {
        race(
                heap -> {
                    long longer = reserveLonger(heap);
                    List<Long> all = full(heap);
                    // What is in the place of the longer one.
                    capacity++;
                    heap.release(0, all.getFirst());
                    releaseLonger(heap, longer);
                    return new Runnable[] {
                        () -> {
                            long first = heap.reserve(0);
                            if (first != Handles.NONE) {
                                heap.release(0, first);
                            }
                            long second = reserveLonger(heap);
                            if (second != Handles.NONE) {
                                releaseLonger(heap, second);
                            }
                        },
                        () -> got[1] = heap.policy.reserve(BLOCK_BYTES, 1)
                    };
                },
                heap -> {
                    assertThat(got[1])
                            .as("of two blocks one is free at any moment")
                            .isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity - 1);
                });
    }

    @Test
    void two_who_are_short_of_room_share_what_a_third_keeps() {
        race(
                heap -> {
                    fullBut(heap, 2);
                    return new Runnable[] {() -> got[0] = heap.policy.reserve(BLOCK_BYTES, 1), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity);
                });
    }

    private static void releaseToHeap(Heap heap, long handle) {
        heap.policy.release(handle, heap.policy.allocatedValue(handle, BLOCK_BYTES, 1));
    }

    @Test
    void blocks_that_wait_in_a_heap_are_there_for_two_short_of_room() {
        race(
                heap -> {
                    List<Long> all = fullBut(heap, 0);
                    return new Runnable[] {
                        () -> {
                            releaseToHeap(heap, all.get(0));
                            got[0] = heap.policy.reserve(BLOCK_BYTES, 1);
                        },
                        () -> {
                            releaseToHeap(heap, all.get(1));
                            got[1] = heap.reserve(1);
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity);
                });
    }

    @Test
    void neighbours_that_wait_in_a_heap_serve_a_longer_block() {
        race(
                heap -> {
                    List<Long> all = fullBut(heap, 0);
                    releaseToHeap(heap, all.get(0));
                    return new Runnable[] {
                        () -> {
                            releaseToHeap(heap, all.get(1));
                            got[0] = reserveLonger(heap);
                        },
                        () -> heap.policy.maintain()
                    };
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(capacity - 1);
                });
    }

    @Test
    void a_block_is_released_and_claimed_again_beside_one_short_of_room() {
        race(
                heap -> {
                    List<Long> all = fullBut(heap, 1);
                    return new Runnable[] {
                        () -> {
                            heap.release(0, all.get(1));
                            got[0] = heap.reserve(0);
                        },
                        reserving(heap, 1)
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, capacity);
                });
    }

    @Test
    void an_access_is_closed_beside_one_short_of_room() {
        race(
                heap -> {
                    fullBut(heap, 1);
                    return new Runnable[] {() -> heap.accesses[0].close(), reserving(heap, 1)};
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity);
                });
    }

    @Test
    void an_access_is_closed_beside_a_release_of_its_block_into_another() {
        race(
                heap -> {
                    List<Long> all = fullBut(heap, 2);
                    return new Runnable[] {
                        () -> heap.accesses[0].close(),
                        () -> {
                            heap.release(1, all.get(2));
                            got[1] = heap.reserve(1);
                        }
                    };
                },
                heap -> {
                    assertThat(got[1]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity - 2);
                });
    }

    @Test
    void a_block_is_released_into_an_access_beside_a_look_for_everything_that_is_free() {
        race(
                heap -> {
                    List<Long> all = fullBut(heap, 2);
                    return new Runnable[] {
                        () -> {
                            heap.release(0, all.get(2));
                            got[0] = heap.reserve(0);
                        },
                        () -> {
                            heap.policy.largestFreeBytes();
                            heap.policy.usedEndOffset();
                        }
                    };
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity - 2);
                });
    }

    @Test
    void the_maintainer_takes_what_an_idle_access_begins_to_use_again() {
        race(
                heap -> {
                    List<Long> all = fullBut(heap, 3);
                    heap.policy.maintain();
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.reserve(0);
                            heap.release(0, all.get(3));
                        },
                        () -> {
                            heap.policy.maintain();
                            heap.policy.maintain();
                        }
                    };
                },
                heap -> {
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    requireLive(heap, capacity - 3);
                });
    }

    @Test
    void a_block_grows_over_a_kept_neighbour_or_that_is_claimed_again() {
        boolean[] grown = {false};
        long[] neighbour = {0};
        race(
                heap -> {
                    List<Long> all = fullBut(heap, 0);
                    long first = all.get(0);
                    long value = heap.policy.allocatedValue(first, BLOCK_BYTES, 1);
                    long larger = heap.policy.resizedValue(first, value, 1024);
                    neighbour[0] = all.get(1);
                    heap.release(0, neighbour[0]);
                    return new Runnable[] {
                        reserving(heap, 0), () -> grown[0] = heap.policy.reserveTail(first, value, larger)
                    };
                },
                heap -> {
                    assertThat(heap.findings()).isEmpty();
                    assertThat(grown[0])
                            .as("the neighbour's first unit is another's")
                            .isEqualTo(got[0] != neighbour[0]);
                    assertThat(heap.policy.liveBlocks()).isEqualTo(got[0] == Handles.NONE ? capacity - 1 : capacity);
                });
    }
}
