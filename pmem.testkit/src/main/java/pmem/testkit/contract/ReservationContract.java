package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;

/** Blocks that are set aside, filled, and then published or given back. */
@OnEveryDomain
public abstract class ReservationContract extends ContractTest {
    private static final long[] SIZES = {1, 60, 900, 5000, 70_000, 1 << 20};

    /** For JUnit. */
    protected ReservationContract() {}

    // "Sets room aside for a block without making it allocated"
    @Test
    void a_reserved_block_is_usable_and_not_live() {
        Pool pool = newPool();
        for (long bytes : SIZES) {
            long handle = pool.reserve(bytes);
            assertThat(pool.isLive(handle)).as("%d byte block is live", bytes).isFalse();
            assertThat(pool.usableBytes(handle)).isGreaterThanOrEqualTo(bytes);
            assertThat(pool.segment(handle).byteSize()).isEqualTo(pool.usableBytes(handle));
            Blocks.stamp(pool.segment(handle), bytes, bytes);
            pool.persist(handle, 0, bytes);
        }
        assertThat(Blocks.walk(pool)).isEmpty();
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "Makes a reserved block allocated."
    @Test
    void a_published_block_is_live_with_its_content_and_can_be_freed() {
        Pool pool = newPool();
        for (long bytes : SIZES) {
            long handle = pool.reserve(bytes);
            long usableBytes = pool.usableBytes(handle);
            Blocks.stamp(pool.segment(handle), bytes, bytes);
            pool.publish(handle);
            assertThat(pool.isLive(handle)).isTrue();
            assertThat(pool.usableBytes(handle)).isEqualTo(usableBytes);
            assertThat(Blocks.walk(pool)).containsOnlyKeys(handle);
            Blocks.assertStamped(pool.segment(handle), bytes, bytes, bytes);
            pool.free(handle);
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "Gives a reserved block back."
    @Test
    void cancelled_space_is_reusable_without_end() {
        Pool pool = newPool();
        for (long bytes : SIZES) {
            for (long sum = 0; sum < 2 * pool.stats().capacityBytes(); sum += bytes + 4096) {
                pool.cancel(pool.reserve(bytes));
            }
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "@throws InvalidHandleException if the handle does not name a reserved block"
    @Test
    void only_a_reserved_block_can_be_published_or_cancelled_and_only_once() {
        Pool pool = newPool();
        long published = pool.reserve(100);
        pool.publish(published);
        assertInvalidHandle(() -> pool.publish(published));
        assertInvalidHandle(() -> pool.cancel(published));
        long cancelled = pool.reserve(100);
        pool.cancel(cancelled);
        assertInvalidHandle(() -> pool.cancel(cancelled));
        assertInvalidHandle(() -> pool.publish(cancelled));
        long allocated = pool.allocate(100);
        assertInvalidHandle(() -> pool.publish(allocated));
        assertInvalidHandle(() -> pool.cancel(allocated));
        assertThat(Blocks.walk(pool)).containsOnlyKeys(published, allocated);
    }

    // "@throws InvalidHandleException if the handle does not name a live block"
    @Test
    void a_reserved_block_cannot_be_freed() {
        Pool pool = newPool();
        long handle = pool.reserve(100);
        assertInvalidHandle(() -> pool.free(handle));
        assertInvalidHandle(() -> pool.freeAll(handle));
        assertInvalidHandle(() -> pool.transaction(tx -> tx.free(handle)));
        assertInvalidHandle(() -> pool.transaction(tx -> tx.set(handle, 0, 1)));
        pool.publish(handle);
        assertThat(pool.isLive(handle)).isTrue();
    }

    @Test
    void reserved_blocks_overlap_neither_each_other_nor_live_blocks() {
        Pool pool = newPool();
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            long bytes = 1 + i * 37L % 3000;
            long handle = i % 2 == 0 ? pool.reserve(bytes) : pool.allocate(bytes);
            Blocks.stamp(pool.segment(handle), pool.usableBytes(handle), i);
            handles.add(handle);
        }
        for (int i = 0; i < handles.size(); i++) {
            long handle = handles.get(i);
            Blocks.assertStamped(pool.segment(handle), pool.usableBytes(handle), pool.usableBytes(handle), i);
            if (i % 2 == 0) {
                pool.publish(handle);
            }
        }
    }

    @Test
    void reserving_until_the_pool_is_full_and_cancelling_all_reaches_the_same_count_again() {
        Pool pool = newPool();
        int first = reserveAllAndCancel(pool, 6000);
        assertThat(first).isPositive();
        assertThat(reserveAllAndCancel(pool, 6000)).isEqualTo(first);
        assertThat(Blocks.fill(pool, 6000).size()).isEqualTo(first);
    }

    private static int reserveAllAndCancel(Pool pool, long bytes) {
        List<Long> handles = new ArrayList<>();
        boolean full = false;
        while (!full) {
            try {
                handles.add(pool.reserve(bytes));
            } catch (OutOfSpaceException none) {
                full = true;
            }
        }
        assertThat(handles).doesNotHaveDuplicates();
        handles.forEach(pool::cancel);
        return handles.size();
    }

    // "Bytes taken from the free space": room set aside is not free for others.
    @Test
    void reserved_room_is_given_to_nobody_else() {
        Pool pool = newPool();
        long half = pool.stats().largestFreeBytes() * 5 / 8;
        long handle = pool.reserve(half);
        assertThat(pool.usedBytes()).isGreaterThanOrEqualTo(half);
        assertOutOfSpace(() -> pool.allocate(half));
        assertOutOfSpace(() -> pool.reserve(half));
        pool.cancel(handle);
        pool.free(pool.allocate(half));
    }

    @Test
    void one_of_two_threads_that_publish_the_same_block_is_refused() throws Exception {
        Pool pool = newPool();
        for (int round = 0; round < 200; round++) {
            long handle = pool.reserve(64);
            List<Boolean> done = Crew.run(
                    2,
                    index -> Refusals.succeeds(() -> {
                        if (index == 0) {
                            pool.publish(handle);
                        } else {
                            pool.cancel(handle);
                        }
                    }));
            assertThat(done).containsExactlyInAnyOrder(true, false);
            assertThat(pool.isLive(handle)).isEqualTo(done.get(0));
        }
    }
}
