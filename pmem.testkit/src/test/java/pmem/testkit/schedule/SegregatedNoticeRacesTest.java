package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import pmem.testkit.schedule.AccessRace.Heap;

/** A block that is given back just after its owner has looked: somebody sees to it that the owner finds it. */
class SegregatedNoticeRacesTest extends SegregatedRaces {
    private long[] of0 = {};

    /**
     * The first of three full slabs of access 0 comes back by access 1, the first block before the race. The last one may be given back just after
     * its owner has looked, by one who had seen the slab before its owner: then somebody must see to it.
     */
    private void raceOfNotices(Consumer<Heap> seesToIt) {
        run(
                raceWith(SMALL, SWITCHES_MAX),
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
}
