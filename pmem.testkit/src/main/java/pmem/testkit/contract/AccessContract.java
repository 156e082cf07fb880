package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolClosedException;

/** Accesses of single threads: as the pool in every answer, and nothing is lost with them. */
@OnEveryDomain
@ManyFences
public abstract class AccessContract extends ContractTest {
    private static final int THREADS = 3;

    private record Held(long handle, long bytes, long stamp) {}

    /** For JUnit. */
    protected AccessContract() {}

    // "All blocks are the pool's: any thread frees them, through any access or through the pool."
    @Test
    void a_block_is_freed_through_another_access_or_the_pool() {
        Pool pool = newPool();
        try (PoolAccess one = pool.access();
                PoolAccess other = pool.access()) {
            long first = one.allocate(100);
            long second = one.allocate(100);
            long third = pool.allocate(100);
            other.free(first);
            pool.free(second);
            one.free(third);
            Blocks.assertStatistics(pool, 0, 0);
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void a_size_below_one_and_an_alignment_that_is_no_power_of_two_are_refused() {
        try (PoolAccess access = newPool().access()) {
            assertThatThrownBy(() -> access.allocate(0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> access.allocate(-1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> access.allocate(8, 3)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> access.allocate(Long.MAX_VALUE)).isInstanceOf(OutOfSpaceException.class);
        }
    }

    @Test
    void a_block_is_freed_once() {
        Pool pool = newPool();
        try (PoolAccess access = pool.access();
                PoolAccess other = pool.access()) {
            for (long bytes : new long[] {1, 64, 4096, 9000, 100_000}) {
                long handle = access.allocate(bytes);
                access.free(handle);
                assertThatThrownBy(() -> access.free(handle)).isInstanceOf(InvalidHandleException.class);
                assertThatThrownBy(() -> other.free(handle)).isInstanceOf(InvalidHandleException.class);
                assertThatThrownBy(() -> pool.free(handle)).isInstanceOf(InvalidHandleException.class);
            }
        }
        assertThat(pool.verify()).isEmpty();
    }

    @Test
    void a_block_freed_through_another_access_is_not_freed_again() {
        Pool pool = newPool();
        try (PoolAccess access = pool.access();
                PoolAccess other = pool.access()) {
            List<Long> handles = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                handles.add(access.allocate(64));
            }
            handles.forEach(other::free);
            for (long handle : handles) {
                assertThatThrownBy(() -> access.free(handle)).isInstanceOf(InvalidHandleException.class);
            }
            assertThat(pool.verify()).isEmpty();
            Blocks.assertStatistics(pool, 0, 0);
        }
    }

    @Test
    void handles_that_name_no_block_are_refused() {
        Pool pool = newPool();
        try (PoolAccess access = pool.access()) {
            long handle = access.allocate(256);
            requireRefused(access, handle);
            assertThat(pool.isLive(handle)).isTrue();
            // An access may remember its last block, but not as that of another size, and not as no block.
            for (long bytes : new long[] {6000, 100_000}) {
                long other = access.allocate(bytes);
                requireRefused(access, handle);
                assertThat(pool.isLive(handle)).isTrue();
                assertThat(pool.isLive(other)).isTrue();
            }
        }
    }

    private static void requireRefused(PoolAccess access, long handle) {
        for (long wrong : new long[] {Handles.NONE, -8, handle + 1, handle + 16, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> access.free(wrong)).isInstanceOf(InvalidHandleException.class);
        }
    }

    @Test
    void blocks_have_the_alignment_asked_for() {
        Pool pool = newPool();
        try (PoolAccess access = pool.access()) {
            for (long alignment = 1; alignment <= 4096; alignment *= 2) {
                for (long bytes : new long[] {1, 100, 3000}) {
                    assertThat(access.allocate(bytes, alignment) % alignment).isZero();
                }
            }
        }
        assertThat(pool.verify()).isEmpty();
    }

    @Test
    void a_reserved_block_is_published_or_cancelled_through_the_pool() {
        Pool pool = newPool();
        try (PoolAccess access = pool.access()) {
            long published = access.reserve(100);
            pool.publish(published);
            pool.cancel(access.reserve(100));
            assertThat(Blocks.walk(pool)).containsOnlyKeys(published);
            access.free(published);
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    void transactions_and_batches_take_blocks_of_accesses() {
        Pool pool = newPool();
        try (PoolAccess access = pool.access()) {
            long first = access.allocate(64);
            long second = access.allocate(64);
            long third = access.allocate(64);
            pool.transaction(tx -> tx.free(first));
            pool.freeAll(second);
            access.free(third);
            assertThatThrownBy(() -> access.free(first)).isInstanceOf(InvalidHandleException.class);
            Blocks.assertStatistics(pool, 0, 0);
        }
        assertThat(pool.verify()).isEmpty();
    }

    // "Gives the space that is kept for the thread to others"
    @Test
    void release_gives_all_capacity_back() {
        Pool pool = newPool();
        long largest = pool.stats().largestFreeBytes();
        int capacity = fill(pool).size();
        Blocks.walk(pool).keySet().forEach(pool::free);
        for (int round = 0; round < 3; round++) {
            PoolAccess access = pool.access();
            List<Long> handles = new ArrayList<>();
            for (long bytes = 1; bytes < 5000; bytes += 100) {
                handles.add(access.allocate(bytes));
            }
            handles.forEach(access::free);
            access.release();
            access.release();
            assertThatThrownBy(() -> access.allocate(1)).isInstanceOf(IllegalStateException.class);
        }
        // An empty slab that was kept may be in the way of one block; the largest block makes all of them give way.
        pool.free(pool.allocate(largest));
        assertThat(fill(pool)).hasSize(capacity);
        Blocks.walk(pool).keySet().forEach(pool::free);
        assertThat(pool.stats().largestFreeBytes()).isEqualTo(largest);
    }

    private static List<Long> fill(Pool pool) {
        List<Long> handles = new ArrayList<>();
        try {
            while (true) {
                handles.add(pool.allocate(20_000));
            }
        } catch (OutOfSpaceException full) {
            return handles;
        }
    }

    @Test
    void blocks_live_on_after_their_access() {
        Pool pool = newPool();
        List<Long> handles = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            try (PoolAccess access = pool.access()) {
                handles.add(access.allocate(100));
                handles.add(access.allocate(3000));
            }
        }
        assertThat(Blocks.walk(pool).keySet()).containsExactlyInAnyOrderElementsOf(handles);
        handles.forEach(pool::free);
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "if as many are open as PoolOptions.accessLimit allows"
    @Test
    void more_accesses_than_allowed_are_refused_until_one_is_released() {
        Pool pool = home().create(options().accessLimit(2));
        PoolAccess first = pool.access();
        PoolAccess second = pool.access();
        assertThatThrownBy(pool::access)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("fewer than 2");
        first.release();
        PoolAccess third = pool.access();
        third.free(third.allocate(10));
        second.release();
        third.release();
    }

    @Test
    void an_access_of_a_closed_pool_says_so() {
        Pool pool = newPool();
        PoolAccess access = pool.access();
        long handle = access.allocate(64);
        pool.close();
        assertThatThrownBy(() -> access.allocate(1)).isInstanceOf(PoolClosedException.class);
        assertThatThrownBy(() -> access.free(handle)).isInstanceOf(PoolClosedException.class);
        assertThatThrownBy(pool::access).isInstanceOf(PoolClosedException.class);
        access.release();
    }

    // Each thread frees its own blocks and those of others; the stamps show any overlap.
    @Test
    void threads_with_accesses_of_their_own_never_share_a_block() {
        withRandom(random -> {
            long seed = random.nextLong();
            Pool pool = newPool();
            ConcurrentLinkedQueue<Held> handedOver = new ConcurrentLinkedQueue<>();
            List<List<Held>> kept = Crew.run(Thread.ofPlatform().daemon().factory(), THREADS, index -> {
                List<Held> own = new ArrayList<>();
                try (PoolAccess access = pool.access()) {
                    churn(pool, access, new Random(seed + index), own, handedOver, index * 100_000L);
                }
                return own;
            });
            List<Held> all = new ArrayList<>(handedOver);
            kept.forEach(all::addAll);
            assertThat(Blocks.walk(pool).keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            all.stream().map(Held::handle).toList());
            assertThat(pool.verify()).isEmpty();
            for (Held held : all) {
                Blocks.assertStamped(pool.segment(held.handle), held.bytes, held.bytes, held.stamp);
                pool.free(held.handle);
            }
            Blocks.assertStatistics(pool, 0, 0);
        });
    }

    private static void churn(
            Pool pool,
            PoolAccess access,
            Random random,
            List<Held> own,
            ConcurrentLinkedQueue<Held> handedOver,
            long firstStamp) {
        for (int step = 0; step < 2000; step++) {
            int choice = random.nextInt(10);
            if (choice < 5) {
                allocate(pool, access, 1L + random.nextInt(1 << (2 + random.nextInt(12))), firstStamp + step, own);
            } else if (choice < 7 && !own.isEmpty()) {
                free(pool, access, own.remove(random.nextInt(own.size())));
            } else if (choice < 9 && !own.isEmpty()) {
                handedOver.add(own.remove(random.nextInt(own.size())));
            } else {
                Held foreign = handedOver.poll();
                if (foreign != null) {
                    free(pool, access, foreign);
                }
            }
        }
    }

    private static void allocate(Pool pool, PoolAccess access, long bytes, long stamp, List<Held> own) {
        try {
            long handle = access.allocate(bytes);
            Blocks.stamp(pool.segment(handle), bytes, stamp);
            own.add(new Held(handle, bytes, stamp));
        } catch (OutOfSpaceException full) {
            own.forEach(held -> free(pool, access, held));
            own.clear();
        }
    }

    private static void free(Pool pool, PoolAccess access, Held held) {
        Blocks.assertStamped(pool.segment(held.handle), held.bytes, held.bytes, held.stamp);
        access.free(held.handle);
    }
}
