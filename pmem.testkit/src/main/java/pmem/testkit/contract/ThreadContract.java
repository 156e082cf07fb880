package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;

/** Many threads on one pool: no block is given out twice, none is lost. */
@OnEveryDomain
@ManyFences
public abstract class ThreadContract extends ContractTest {
    private static final int THREADS = 4;

    private record Held(long handle, long bytes, long stamp) {}

    /** For JUnit. */
    protected ThreadContract() {}

    // "All methods may be called by any number of threads at once."
    @Test
    void blocks_allocated_and_freed_by_many_threads_never_overlap() {
        withRandom(random -> churn(Thread.ofPlatform().daemon().factory(), random.nextLong()));
    }

    @Test
    void virtual_threads_work_alike() {
        withRandom(random -> churn(Thread.ofVirtual().factory(), random.nextLong()));
    }

    // Each thread frees some of its own blocks and hands others over to be freed elsewhere; the stamps show any
    // overlap.
    private void churn(ThreadFactory factory, long seed) throws Exception {
        Pool pool = newPool();
        ConcurrentLinkedQueue<Held> handedOver = new ConcurrentLinkedQueue<>();
        List<List<Held>> kept = Crew.run(factory, THREADS, index -> {
            Random random = new Random(seed + index);
            List<Held> own = new ArrayList<>();
            for (int step = 0; step < 1500; step++) {
                churnOnce(pool, random, own, handedOver, index * 10_000L + step);
            }
            return own;
        });
        List<Held> all = new ArrayList<>(handedOver);
        kept.forEach(all::addAll);
        assertThat(Blocks.walk(pool).keySet())
                .containsExactlyInAnyOrderElementsOf(
                        all.stream().map(Held::handle).toList());
        all.forEach(held -> checkAndFree(pool, held));
        Blocks.assertStatistics(pool, 0, 0);
    }

    private static void churnOnce(
            Pool pool, Random random, List<Held> own, ConcurrentLinkedQueue<Held> handedOver, long stamp) {
        int choice = random.nextInt(10);
        if (choice < 5) {
            long bytes = 1L + random.nextInt(1 << (2 + random.nextInt(13)));
            allocate(pool, random, bytes, stamp, own);
        } else if (choice < 7 && !own.isEmpty()) {
            checkAndFree(pool, own.remove(random.nextInt(own.size())));
        } else if (choice < 9 && !own.isEmpty()) {
            handedOver.add(own.remove(random.nextInt(own.size())));
        } else {
            Held foreign = handedOver.poll();
            if (foreign != null) {
                checkAndFree(pool, foreign);
            }
        }
    }

    private static void allocate(Pool pool, Random random, long bytes, long stamp, List<Held> own) {
        long handle;
        try {
            if (random.nextInt(4) == 0) {
                handle = pool.reserve(bytes);
                Blocks.stamp(pool.segment(handle), bytes, stamp);
                pool.publish(handle);
            } else {
                handle = random.nextInt(4) == 0 ? pool.allocate(bytes, 256) : pool.allocate(bytes);
                Blocks.stamp(pool.segment(handle), bytes, stamp);
            }
        } catch (OutOfSpaceException full) {
            own.forEach(held -> checkAndFree(pool, held));
            own.clear();
            return;
        }
        own.add(new Held(handle, bytes, stamp));
    }

    private static void checkAndFree(Pool pool, Held held) {
        Blocks.assertStamped(pool.segment(held.handle()), held.bytes(), held.bytes(), held.stamp());
        pool.free(held.handle());
    }

    @Test
    void threads_that_fill_a_pool_together_get_as_many_blocks_as_one_alone() throws Exception {
        Pool alone = newPool();
        int capacity = Blocks.fill(alone, 20_000).size();
        alone.close();
        Pool pool = newPool();
        for (int round = 0; round < 3; round++) {
            List<List<Long>> filled = Crew.run(THREADS, index -> fillOneByOne(pool, 20_000));
            List<Long> all = filled.stream().flatMap(List::stream).toList();
            assertThat(all).doesNotHaveDuplicates().hasSize(capacity);
            Crew.run(THREADS, index -> {
                filled.get((index + 1) % THREADS).forEach(pool::free);
                return index;
            });
            Blocks.assertStatistics(pool, 0, 0);
        }
    }

    private static List<Long> fillOneByOne(Pool pool, long bytes) {
        List<Long> handles = new ArrayList<>();
        while (true) {
            try {
                handles.add(pool.allocate(bytes));
            } catch (OutOfSpaceException full) {
                return handles;
            }
        }
    }

    @Test
    void the_last_blocks_of_a_full_pool_go_to_one_thread_each() throws Exception {
        Pool pool = newPool();
        List<Long> handles = Blocks.fill(pool, 2000);
        for (int round = 0; round < 100; round++) {
            pool.free(handles.remove(handles.size() - 1));
            List<List<Long>> got = Crew.run(2, index -> allocateOne(pool, 2000));
            assertThat(got)
                    .as("round %d", round)
                    .satisfiesOnlyOnce(one -> assertThat(one).hasSize(1));
            got.forEach(handles::addAll);
        }
        assertThat(Blocks.walk(pool)).hasSize(handles.size());
    }

    private static List<Long> allocateOne(Pool pool, long bytes) {
        try {
            return List.of(pool.allocate(bytes));
        } catch (OutOfSpaceException full) {
            return List.of();
        }
    }

    // "again: InvalidHandleException"
    @Test
    void of_two_threads_that_free_one_block_exactly_one_succeeds() throws Exception {
        Pool pool = newPool();
        for (long bytes : new long[] {64, 5000, 300_000}) {
            for (int round = 0; round < 100; round++) {
                long handle = pool.allocate(bytes);
                List<Boolean> freed = Crew.run(2, index -> Refusals.succeeds(() -> pool.free(handle)));
                assertThat(freed).as("round %d", round).containsExactlyInAnyOrder(true, false);
            }
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void a_thread_frees_what_another_allocates_without_end() throws Exception {
        Pool pool = newPool();
        ConcurrentLinkedQueue<Long> passed = new ConcurrentLinkedQueue<>();
        int blocks = 4000;
        Crew.run(2, index -> {
            if (index == 0) {
                for (int made = 0; made < blocks; made++) {
                    passed.add(allocateWaitingForRoom(pool, 15_000));
                }
            } else {
                for (int freed = 0; freed < blocks; ) {
                    Long handle = passed.poll();
                    if (handle == null) {
                        Thread.onSpinWait();
                    } else {
                        pool.free(handle);
                        freed++;
                    }
                }
            }
            return index;
        });
        Blocks.assertStatistics(pool, 0, 0);
    }

    private static long allocateWaitingForRoom(Pool pool, long bytes) {
        while (true) {
            try {
                return pool.allocate(bytes);
            } catch (OutOfSpaceException full) {
                Thread.onSpinWait();
            }
        }
    }

    // "Blocks allocated or freed by others during the walk may or may not be seen."
    @Test
    void a_walk_beside_working_threads_sees_every_block_they_leave_alone() throws Exception {
        Pool pool = newPool();
        long[] steady = pool.allocateAll(64, 64, 500, 5000, 100_000);
        Crew.run(3, index -> {
            for (int round = 0; round < 200; round++) {
                if (index == 0) {
                    assertThat(Blocks.walk(pool).keySet()).contains(boxed(steady));
                    assertThat(pool.stats().liveBlocks()).isGreaterThanOrEqualTo(steady.length);
                } else {
                    pool.freeAll(pool.allocateAll(64, 700, 9000));
                }
            }
            return index;
        });
    }

    private static Long[] boxed(long[] handles) {
        return Arrays.stream(handles).boxed().toArray(Long[]::new);
    }

    @Test
    void batches_and_transactions_of_many_threads_do_not_disturb_each_other() throws Exception {
        Pool pool = newPool();
        Crew.run(THREADS, index -> {
            for (int round = 0; round < 100; round++) {
                long[] batch = pool.allocateAll(40, 400, 4000, 40);
                pool.transaction(tx -> {
                    tx.free(batch[0]);
                    tx.free(batch[2]);
                    tx.free(tx.allocate(64));
                });
                pool.freeAll(batch[1], batch[3]);
            }
            return index;
        });
        Blocks.assertStatistics(pool, 0, 0);
    }
}
