package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import pmem.api.Pool;
import pmem.api.RecoveryReport;

/**
 * A pool that was never closed: its file is copied while it is open, which is what a killed process leaves, and the copy is
 * opened. Crashes in the middle of an operation are the crash explorer's.
 */
@OnEveryFileDomain
public abstract class CrashContract extends ContractTest {
    /** For JUnit. */
    protected CrashContract() {}

    // "When a method that changes the pool returns, the change survives"
    @Test
    void what_has_returned_survives_with_contents_and_roots() {
        Pool pool = newPool();
        long allocated = pool.allocate(700);
        Blocks.stamp(pool.segment(allocated), 700, 1);
        pool.persist(allocated, 0, 700);
        long published = pool.reserve(80_000);
        Blocks.stamp(pool.segment(published), 80_000, 2);
        pool.publish(published);
        long[] batch = pool.allocateAll(10, 3000, 500_000);
        pool.freeAll(batch[0], batch[2]);
        pool.setRoot("r", published);
        pool.reallocate(published, 60_000);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        Pool crashed = home().openAsAfterCrash(pool);
        assertThat(crashed.recovery().state()).isEqualTo(RecoveryReport.State.CRASHED);
        assertThat(crashed.recovery().liveBlocks()).isEqualTo(before.size());
        assertThat(Blocks.walk(crashed)).isEqualTo(before);
        assertThat(crashed.root("r")).isEqualTo(published);
        Blocks.assertStamped(crashed.segment(allocated), 700, 700, 1);
        Blocks.assertStamped(crashed.segment(published), 60_000, 80_000, 2);
    }

    // "a crash or close() frees it"
    @Test
    void reserved_blocks_are_free_after_a_crash() {
        Pool pool = newPool();
        long largestBytes = pool.stats().largestFreeBytes();
        long reserved = pool.reserve(largestBytes / 2);
        long small = pool.reserve(64);
        Pool crashed = home().openAsAfterCrash(pool);
        assertThat(Blocks.walk(crashed)).isEmpty();
        assertInvalidHandle(() -> crashed.cancel(reserved));
        assertInvalidHandle(() -> crashed.publish(small));
        int capacity = Blocks.fill(crashed, 64).size();
        Blocks.freeAll(crashed, new ArrayList<>(Blocks.walk(crashed).keySet()));
        assertThat(Blocks.fill(crashed, 64).size()).isEqualTo(capacity);
        pool.publish(reserved);
        pool.cancel(small);
    }

    @Test
    void a_committed_transaction_survives_with_the_contents_of_its_blocks() {
        Pool pool = newPool();
        long anchor = pool.allocate(64);
        long old = pool.allocate(64);
        List<Long> made = new ArrayList<>();
        pool.transaction(tx -> {
            long block = tx.allocate(20_000);
            Blocks.stamp(tx.segment(block), 20_000, 4);
            tx.set(anchor, 0, block);
            tx.free(old);
            made.add(block);
        });
        Pool crashed = home().openAsAfterCrash(pool);
        assertThat(Blocks.walk(crashed)).containsOnlyKeys(anchor, made.get(0));
        assertThat(TransactionContract.word(crashed, anchor, 0)).isEqualTo(made.get(0));
        Blocks.assertStamped(crashed.segment(made.get(0)), 20_000, 20_000, 4);
    }

    // "nothing has changed"
    @Test
    void a_crash_inside_a_transaction_leaves_none_of_its_changes() {
        Pool pool = newPool();
        long anchor = pool.allocate(64);
        TransactionContract.setWord(pool, anchor, 0, 5);
        long kept = pool.allocate(3000);
        List<Path> images = new ArrayList<>();
        pool.transaction(tx -> {
            tx.free(kept);
            tx.set(anchor, 0, tx.allocate(3000));
            images.add(home().copyOf(pool));
        });
        Pool crashed = home().open(images.get(0));
        assertThat(Blocks.walk(crashed)).containsOnlyKeys(anchor, kept);
        assertThat(TransactionContract.word(crashed, anchor, 0)).isEqualTo(5);
    }

    // "put back if the body throws or the process dies"
    @Test
    void a_crash_inside_a_transaction_puts_snapshotted_ranges_back() {
        Pool pool = newPool();
        long block = pool.allocate(1000);
        Blocks.stamp(pool.segment(block), 1000, 1);
        pool.persist(block, 0, 1000);
        List<Path> images = new ArrayList<>();
        pool.transaction(tx -> {
            tx.snapshot(block, 0, 1000);
            Blocks.stamp(tx.segment(block), 1000, 2);
            pool.persist(block, 0, 1000);
            images.add(home().copyOf(pool));
        });
        Pool crashed = home().open(images.get(0));
        assertThat(crashed.recovery().operationsRolledBack()).isEqualTo(1);
        Blocks.assertStamped(crashed.segment(block), 1000, 1000, 1);
        Blocks.assertStamped(home().openAsAfterCrash(pool).segment(block), 1000, 1000, 2);
    }

    // "after a crash either both are found or neither"
    @Test
    void what_was_linked_and_unlinked_survives_though_its_retirement_may_be_open() {
        Pool pool = newPool();
        long slot = pool.rootSlot("r");
        long first = pool.reserve(100);
        pool.publishTo(slot, first);
        assertThat(Blocks.walk(home().openAsAfterCrash(pool))).containsOnlyKeys(first);
        long second = pool.reserve(5000);
        pool.replace(slot, first, second);
        Pool crashed = home().openAsAfterCrash(pool);
        assertThat(Blocks.walk(crashed)).containsOnlyKeys(second);
        assertThat(crashed.root("r")).isEqualTo(second);
        pool.unlinkAndFree(slot);
        Pool last = home().openAsAfterCrash(pool);
        assertThat(Blocks.walk(last)).isEmpty();
        assertThat(last.roots()).isEmpty();
    }

    @Test
    void a_crash_after_an_undone_transaction_leaves_none_of_its_changes() {
        Pool pool = newPool();
        long kept = pool.allocate(3000);
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.free(kept);
                    tx.allocate(100);
                    throw new IllegalStateException("body gave up");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(Blocks.walk(home().openAsAfterCrash(pool))).containsOnlyKeys(kept);
    }

    @Test
    void a_second_crash_right_after_recovery_changes_nothing_more() {
        Pool pool = newPool();
        long[] handles = pool.allocateAll(20, 400, 5000, 90_000);
        pool.free(handles[1]);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        Pool first = home().openAsAfterCrash(pool);
        Pool second = home().openAsAfterCrash(first);
        assertThat(second.recovery().operationsRolledBack()).isZero();
        assertThat(Blocks.walk(second)).isEqualTo(before);
        Pool closed = home().reopen(second);
        assertThat(closed.recovery().state()).isEqualTo(RecoveryReport.State.CLEAN);
        assertThat(Blocks.walk(closed)).isEqualTo(before);
    }

    @Test
    void a_pool_reopened_and_crashed_without_a_change_is_the_same() {
        Pool pool = newPool();
        pool.allocateAll(20, 400, 5000);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        Pool again = home().reopen(pool);
        assertThat(Blocks.walk(home().openAsAfterCrash(again))).isEqualTo(before);
    }

    @Test
    void capacity_after_a_crash_is_that_of_an_undisturbed_pool() {
        for (long bytes : new long[] {150, 5000, 200_000}) {
            Pool fresh = newPool();
            int capacity = Blocks.fill(fresh, bytes).size();
            fresh.close();
            Pool pool = newPool();
            List<Long> handles = Blocks.fill(pool, bytes);
            Blocks.freeAll(pool, handles.subList(0, capacity / 2));
            Pool crashed = home().openAsAfterCrash(pool);
            int refilled = Blocks.fill(crashed, bytes).size();
            // Where the free room begins and ends may suit slabs less well than when the pool was filled from its
            // start.
            assertThat(refilled)
                    .as("blocks of %d bytes", bytes)
                    .isBetween(capacity / 2 - Math.ceilDiv(capacity, 50), capacity / 2);
            Blocks.freeAll(crashed, new ArrayList<>(Blocks.walk(crashed).keySet()));
            crashed.free(crashed.allocate(crashed.stats().largestFreeBytes()));
            assertThat(Blocks.fill(crashed, bytes).size())
                    .as("blocks of %d bytes, all freed", bytes)
                    .isEqualTo(capacity);
            pool.close();
            crashed.close();
        }
    }

    @Test
    void random_histories_survive_a_crash_at_any_moment_between_operations() {
        withRandom(random -> {
            Pool pool = newPool();
            List<Long> live = new ArrayList<>();
            for (int step = 0; step < 200; step++) {
                if (live.isEmpty() || random.nextInt(5) < 3) {
                    live.add(pool.allocate(1 + random.nextInt(1 << (1 + random.nextInt(16)))));
                } else {
                    pool.free(live.remove(random.nextInt(live.size())));
                }
                if (step % 20 == 0) {
                    Pool crashed = home().openAsAfterCrash(pool);
                    assertThat(Blocks.walk(crashed).keySet()).containsExactlyInAnyOrderElementsOf(live);
                    crashed.close();
                }
            }
        });
    }
}
