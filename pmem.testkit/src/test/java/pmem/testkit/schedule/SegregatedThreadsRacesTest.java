package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.spi.PolicyAccess;
import pmem.spi.StateField;
import pmem.testkit.schedule.AccessRace.Heap;

/**
 * Threads without an access, each with slabs of its own or, where the other has the only place, with an arena's; they meet the policy for
 * the first time in the race. What comes before it is done by a thread that ends, as it is bound to an owner too: where there is one place,
 * both want to have that.
 */
class SegregatedThreadsRacesTest extends SegregatedRaces {
    private static final long ALLOCATED = 1;

    private void raceOfThreads(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        raceOfThreads(SWITCHES_MAX, bodies, check);
    }

    private void raceOfThreads(int switchesMax, Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        for (long threadCaches : new long[] {1, 4}) {
            for (long adoptAfter = 0; adoptAfter <= 1; adoptAfter++) {
                Map<String, Long> parameters =
                        smallWith(Map.of("threadCaches", threadCaches, "adoptAfter", adoptAfter));
                run(raceWith(parameters, switchesMax), heap -> inThreadThatEnds(() -> bodies.apply(heap)), check);
            }
        }
    }

    private static <T> T inThreadThatEnds(Supplier<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> result.completeAsync(body, Runnable::run));
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return result.join();
    }

    @Test
    void the_first_two_threads_of_a_pool_lose_no_slab() {
        for (long threadCaches : new long[] {1, 4}) {
            Map<String, Long> parameters = smallWith(Map.of("threadCaches", threadCaches));
            run(
                    raceWith(parameters, 0),
                    heap -> {
                        full(heap);
                        return new Runnable[] {() -> {}, () -> {}};
                    },
                    heap -> {});
            run(
                    raceWith(parameters, SWITCHES_MAX),
                    heap -> new Runnable[] {reservingOwn(heap, 0), reservingOwn(heap, 1)},
                    heap -> {
                        assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                        requireLive(heap, 2);
                    });
        }
    }

    private Runnable reservingOwn(Heap heap, int thread) {
        return () -> got[thread] = heap.policy.reserve(BLOCK_BYTES, 1);
    }

    @Test
    void first_calls_get_a_block_each() {
        raceOfThreads(
                heap -> {
                    drain(heap);
                    return new Runnable[] {reservingOwn(heap, 0), reservingOwn(heap, 1)};
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 2);
                });
    }

    @Test
    void the_last_block_is_got_by_one_of_two() {
        raceOfThreads(
                SWITCHES_MAX - 1,
                heap -> {
                    List<Long> all = full(heap);
                    heap.release(0, all.get(9));
                    return new Runnable[] {reservingOwn(heap, 0), reservingOwn(heap, 1)};
                },
                heap -> {
                    assertThat(got).containsOnlyOnce(Handles.NONE);
                    requireLive(heap, capacity);
                });
    }

    @Test
    void a_thread_short_of_room_finds_what_another_has_just_released_of_its_own() {
        long[] own = {0};
        raceOfThreads(
                heap -> {
                    List<Long> all = full(heap);
                    all.subList(0, 7).forEach(handle -> heap.release(0, handle));
                    heap.accesses[0].close();
                    return new Runnable[] {
                        () -> {
                            own[0] = heap.policy.reserve(BLOCK_BYTES, 1);
                            heap.policy.release(own[0], ALLOCATED);
                            got[0] = heap.policy.reserve(BLOCK_BYTES, 1);
                        },
                        reservingOwn(heap, 1)
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    assertThat(heap.findings()).isEmpty();
                    assertThat(heap.policy.liveBlocks()).isEqualTo(capacity - 5);
                });
    }

    @Test
    void blocks_released_by_the_other_thread_come_back_beside_claims() {
        raceOfThreads(
                SWITCHES_MAX - 1,
                heap -> {
                    drain(heap);
                    long[] blocks = blocks(heap, 1, 3);
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.policy.reserve(BLOCK_BYTES, 1);
                            heap.policy.release(blocks[0], ALLOCATED);
                        },
                        () -> {
                            heap.policy.release(blocks[1], ALLOCATED);
                            got[1] = heap.policy.reserve(BLOCK_BYTES, 1);
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE).doesNotHaveDuplicates();
                    requireLive(heap, 3);
                });
    }

    @Test
    void the_maintainer_collects_beside_a_thread_that_calls() {
        raceOfThreads(
                SWITCHES_MAX - 1,
                heap -> {
                    drain(heap);
                    heap.policy.maintain();
                    return new Runnable[] {
                        () -> {
                            got[0] = heap.policy.reserve(BLOCK_BYTES, 1);
                            heap.policy.release(got[0], ALLOCATED);
                            got[1] = heap.policy.reserve(BLOCK_BYTES, 1);
                        },
                        () -> {
                            heap.policy.maintain();
                            heap.policy.maintain();
                        }
                    };
                },
                heap -> {
                    assertThat(got).doesNotContain(Handles.NONE);
                    requireLive(heap, 1);
                });
    }

    /** In transient memory, where a thread without an access allocates and frees in one step. */
    private void raceAtOnce(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        for (long threadCaches : new long[] {0, 1, 4}) {
            run(
                    raceWith(smallWith(Map.of("threadCaches", threadCaches)), SWITCHES_MAX)
                            .ofTransient(),
                    heap -> inThreadThatEnds(() -> bodies.apply(heap)),
                    check);
        }
    }

    /** Frees as a thread without an access does; whether the block was allocated. */
    private static boolean free(Heap heap, PolicyAccess shared, long handle, AtomicBoolean named) {
        if (shared.freeAtOnce(handle, named::get)) {
            return true;
        }
        boolean cleared = StateField.clear(heap.region(), heap.policy.stateField(handle)) != 0;
        if (cleared) {
            heap.policy.release(handle, ALLOCATED);
        }
        return cleared;
    }

    @Test
    void of_two_threads_that_free_a_block_at_once_one_succeeds() {
        long[] block = {0};
        boolean[] freed = {false, false};
        AtomicBoolean named = new AtomicBoolean();
        raceAtOnce(
                heap -> {
                    drain(heap);
                    PolicyAccess shared = heap.policy.sharedAccess();
                    block[0] = 0;
                    return new Runnable[] {
                        () -> {
                            block[0] = shared.allocateAtOnce(BLOCK_BYTES, 1);
                            freed[0] = free(heap, shared, block[0], named);
                            got[0] = shared.allocateAtOnce(BLOCK_BYTES, 1);
                        },
                        () -> freed[1] = block[0] != 0 && free(heap, shared, block[0], named)
                    };
                },
                heap -> {
                    assertThat(block[0]).isNotEqualTo(Handles.NONE);
                    assertThat(got[0]).isNotEqualTo(Handles.NONE);
                    // The second may come after the block was allocated again: then it frees that.
                    boolean freedAgain = freed[0] && freed[1];
                    assertThat(freed).contains(true);
                    assertThat(!freedAgain || got[0] == block[0]).isTrue();
                    assertThat(heap.isAllocated(got[0])).isEqualTo(!freedAgain);
                    requireLive(heap, freedAgain ? 0 : 1);
                });
    }

    @Test
    void a_block_is_not_freed_at_once_if_who_has_named_it_saw_it_allocated() {
        long[] block = {0};
        boolean[] freed = {false};
        boolean[] seenAllocated = {false};
        AtomicBoolean named = new AtomicBoolean();
        raceAtOnce(
                heap -> {
                    drain(heap);
                    named.set(false);
                    seenAllocated[0] = false;
                    block[0] = 0;
                    PolicyAccess shared = heap.policy.sharedAccess();
                    return new Runnable[] {
                        () -> {
                            block[0] = shared.allocateAtOnce(BLOCK_BYTES, 1);
                            freed[0] = shared.freeAtOnce(block[0], named::get);
                        },
                        () -> {
                            named.set(true);
                            seenAllocated[0] = block[0] != 0 && heap.isAllocated(block[0]);
                        }
                    };
                },
                heap -> {
                    assertThat(freed[0] && seenAllocated[0]).isFalse();
                    assertThat(heap.isAllocated(block[0])).isEqualTo(!freed[0]);
                    requireLive(heap, freed[0] ? 0 : 1);
                });
    }
}
