package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import pmem.api.Pool;

/** Pools that make many operations durable by one flush. What crashes may undo is the crash explorer's. */
@OnEveryFileDomain
public abstract class GroupCommitContract extends ContractTest {
    private static final Duration NEVER = Duration.ZERO;

    /** For JUnit. */
    protected GroupCommitContract() {}

    private Pool newGroupingPool(Duration interval) {
        return home().create(options().groupCommit(interval));
    }

    @Test
    void operations_have_the_same_results_with_and_without_group_commit() {
        Pool pool = newGroupingPool(NEVER);
        long[] batch = pool.allocateAll(10, 3000, 70_000);
        long published = pool.reserve(500);
        Blocks.stamp(pool.segment(published), 500, 1);
        pool.publish(published);
        pool.free(batch[1]);
        assertThat(pool.isLive(batch[1])).isFalse();
        assertInvalidHandle(() -> pool.free(batch[1]));
        assertThat(Blocks.walk(pool)).containsOnlyKeys(batch[0], batch[2], published);
        assertThat(pool.stats().liveBlocks()).isEqualTo(3);
        pool.sync();
        assertThat(pool.stats().liveBlocks()).isEqualTo(3);
        Blocks.assertStamped(pool.segment(published), 500, 500, 1);
    }

    // "nothing freed is handed out again before its free is durable"
    @Test
    void freed_room_comes_back_with_a_sync_or_when_the_pool_is_full() {
        Pool pool = newGroupingPool(NEVER);
        long bytes = pool.stats().largestFreeBytes();
        for (int round = 0; round < 4; round++) {
            pool.free(pool.allocate(bytes));
        }
        long held = pool.allocate(64);
        pool.free(held);
        List<Long> others = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            others.add(pool.allocate(64));
        }
        assertThat(others)
                .as("handles given out before the free of this one was synced")
                .doesNotContain(held);
        pool.sync();
    }

    @Test
    void a_pool_closed_with_group_commit_keeps_everything() {
        Pool pool = newGroupingPool(Duration.ofMinutes(10));
        long[] batch = pool.allocateAll(10, 3000, 70_000);
        pool.free(batch[0]);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        assertThat(Blocks.walk(home().reopen(pool))).isEqualTo(before);
    }

    @Test
    void transactions_roots_and_links_work_beside_group_commit() {
        Pool pool = newGroupingPool(NEVER);
        long unsynced = pool.allocate(64);
        long slot = pool.rootSlot("r");
        long handle = pool.reserve(64);
        assertThat(pool.publishTo(slot, handle)).isTrue();
        pool.transaction(tx -> tx.free(unsynced));
        assertThat(pool.unlinkAndFree(slot)).isTrue();
        assertThat(Blocks.walk(pool)).isEmpty();
        assertThat(pool.stats().liveBlocks()).isZero();
    }

    // "those of other threads included ... Several callers share one flush."
    @Test
    void threads_that_sync_at_once_lose_nothing() throws Exception {
        Pool pool = newGroupingPool(Duration.ofNanos(200_000));
        List<List<Long>> kept = Crew.run(4, thread -> {
            List<Long> handles = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                handles.add(pool.allocate(1 + i));
                if (i % 3 == 0) {
                    pool.free(handles.remove(handles.size() / 2));
                }
                if (i % 20 == 0) {
                    pool.sync();
                }
            }
            return handles;
        });
        pool.sync();
        List<Long> all = new ArrayList<>();
        kept.forEach(all::addAll);
        assertThat(Blocks.walk(pool).keySet()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(pool.stats().liveBlocks()).isEqualTo(all.size());
    }

    @Test
    void sync_without_group_commit_does_nothing() {
        Pool pool = newPool();
        long handle = pool.allocate(64);
        pool.sync();
        assertThat(pool.isLive(handle)).isTrue();
    }

    @Test
    void a_negative_interval_is_refused() {
        assertInvalidArgument(() -> options().groupCommit(Duration.ofNanos(-1)));
    }
}
