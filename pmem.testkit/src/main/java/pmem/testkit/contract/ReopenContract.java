package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;

/** A pool that was closed and is opened again, at whatever address. */
@OnEveryFileDomain
public abstract class ReopenContract extends ContractTest {
    private static final long[] SIZES = {1, 16, 100, 1000, 4096, 5000, 70_000, 1 << 20};

    /** For JUnit. */
    protected ReopenContract() {}

    @Test
    void a_closed_pool_opens_clean_with_the_same_blocks_contents_and_roots() {
        Pool pool = newPool();
        long[] handles = pool.allocateAll(SIZES);
        for (int i = 0; i < handles.length; i++) {
            Blocks.stamp(pool.segment(handles[i]), SIZES[i], i);
            pool.persist(handles[i], 0, SIZES[i]);
        }
        pool.free(handles[3]);
        pool.setRoot("first", handles[0]);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        Pool again = home().reopen(pool);
        assertThat(again.recovery().state()).isEqualTo(RecoveryReport.State.CLEAN);
        assertThat(again.recovery().liveBlocks()).isEqualTo(before.size());
        assertThat(again.recovery().operationsRolledBack()).isZero();
        assertThat(Blocks.walk(again)).isEqualTo(before);
        assertThat(again.roots()).isEqualTo(Map.of("first", handles[0]));
        for (int i = 0; i < handles.length; i++) {
            if (i != 3) {
                Blocks.assertStamped(again.segment(handles[i]), SIZES[i], SIZES[i], i);
            }
        }
    }

    // "It is meaningful in every process and at every address that maps the pool, and may be stored in blocks."
    @Test
    @Tag(ContractTest.FILES)
    void handles_hold_at_two_addresses_at_once() {
        Pool pool = newPool();
        long first = pool.allocate(64);
        long second = pool.allocate(5000);
        pool.segment(first).set(ValueLayout.JAVA_LONG, 0, second);
        pool.persist(first, 0, 8);
        Blocks.stamp(pool.segment(second), 5000, 1);
        pool.persist(second, 0, 5000);
        pool.close();
        Pool copy = home().open(home().copyOf(pool));
        Pool original = home().open(home().path(pool));
        assertThat(copy.segment(first).address())
                .isNotEqualTo(original.segment(first).address());
        for (Pool either : List.of(copy, original)) {
            long found = either.segment(first).get(ValueLayout.JAVA_LONG, 0);
            assertThat(found).isEqualTo(second);
            Blocks.assertStamped(either.segment(found), 5000, 5000, 1);
        }
        copy.free(second);
        assertThat(original.isLive(second)).isTrue();
    }

    // "Either is durable at return: 1 line and 1 fence."
    @Test
    void a_resized_block_has_its_size_and_content_when_the_pool_is_opened_again() {
        for (long bytes : new long[] {100_000, 1 << 20}) {
            Pool pool = newPool();
            long handle = pool.allocate(1 << 20);
            Blocks.stamp(pool.segment(handle), 100_000, 3);
            pool.persist(handle, 0, 100_000);
            pool.reallocate(handle, 100_000);
            pool.reallocate(handle, bytes);
            long usableBytes = pool.usableBytes(handle);
            Pool reopened = home().reopen(pool);
            assertThat(reopened.usableBytes(handle)).isEqualTo(usableBytes);
            Blocks.assertStamped(reopened.segment(handle), 100_000, 100_000, 3);
            Blocks.assertStatistics(reopened, 1, usableBytes);
        }
    }

    @Test
    void capacity_is_the_same_after_every_reopen() {
        for (long bytes : new long[] {200, 6000, 100_000}) {
            Pool pool = newPool();
            int capacity = Blocks.fill(pool, bytes).size();
            for (int round = 0; round < 3; round++) {
                pool = home().reopen(pool);
                assertOutOfSpaceFor(pool, bytes);
                Blocks.freeAll(pool, new ArrayList<>(Blocks.walk(pool).keySet()));
                pool = home().reopen(pool);
                Blocks.assertStatistics(pool, 0, 0);
                assertThat(Blocks.fill(pool, bytes).size())
                        .as("blocks of %d bytes", bytes)
                        .isEqualTo(capacity);
            }
            pool.close();
        }
    }

    private static void assertOutOfSpaceFor(Pool pool, long bytes) {
        assertOutOfSpace(() -> pool.allocate(bytes));
    }

    @Test
    void a_full_pool_opens_and_frees() {
        Pool pool = newPool();
        List<Long> handles = Blocks.fill(pool, 300);
        Pool again = home().reopen(pool);
        assertThat(Blocks.walk(again).keySet()).containsExactlyInAnyOrderElementsOf(handles);
        Blocks.freeAll(again, handles);
        Blocks.assertStatistics(again, 0, 0);
    }

    @Test
    void statistics_of_live_blocks_survive() {
        Pool pool = newPool();
        pool.free(pool.allocateAll(SIZES)[2]);
        PoolStats before = pool.stats();
        PoolStats after = home().reopen(pool).stats();
        assertThat(after.capacityBytes()).isEqualTo(before.capacityBytes());
        assertThat(after.metadataBytes()).isEqualTo(before.metadataBytes());
        assertThat(after.liveBlocks()).isEqualTo(before.liveBlocks());
        assertThat(after.liveBytes()).isEqualTo(before.liveBytes());
    }

    // "a crash or close() frees it"
    @Test
    void reserved_blocks_are_free_after_close() {
        Pool pool = newPool();
        long bytes = pool.stats().largestFreeBytes() * 5 / 8;
        long reserved = pool.reserve(bytes);
        pool.reserve(100);
        Pool again = home().reopen(pool);
        assertThat(again.isLive(reserved)).isFalse();
        assertInvalidHandle(() -> again.publish(reserved));
        Blocks.assertStatistics(again, 0, 0);
        again.allocate(bytes);
    }

    @Test
    void published_blocks_and_resized_blocks_survive() {
        Pool pool = newPool();
        long published = pool.reserve(3000);
        Blocks.stamp(pool.segment(published), 3000, 5);
        pool.publish(published);
        long resized = pool.allocate(40_000);
        pool.reallocate(resized, 60_000);
        pool.reallocate(published, 2000);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        Pool again = home().reopen(pool);
        assertThat(Blocks.walk(again)).isEqualTo(before);
        Blocks.assertStamped(again.segment(published), 2000, 3000, 5);
    }

    @Test
    void aligned_blocks_keep_their_place_and_can_be_freed() {
        Pool pool = newPool();
        List<Long> handles = new ArrayList<>();
        for (long alignmentBytes = 64; alignmentBytes <= 65_536; alignmentBytes *= 4) {
            handles.add(pool.allocate(100, alignmentBytes));
            handles.add(pool.allocate(9000, alignmentBytes));
        }
        Pool again = home().reopen(pool);
        assertThat(Blocks.walk(again).keySet()).containsExactlyInAnyOrderElementsOf(handles);
        handles.forEach(again::free);
        Blocks.assertStatistics(again, 0, 0);
    }

    @Test
    void roots_survive_replacing_and_removing() {
        Pool pool = newPool();
        for (int i = 0; i < PoolSetting.ROOTS; i++) {
            pool.setRoot("root " + i, 64 + i);
        }
        pool.setRoot("root 0", Handles.NONE);
        pool.setRoot("root 1", 9999);
        pool.setRoot("\u20ac".repeat(85), 1);
        Map<String, Long> before = pool.roots();
        Pool again = home().reopen(pool);
        assertThat(again.roots()).isEqualTo(before);
        assertOutOfSpace(() -> again.setRoot("one more", 1));
    }

    @Test
    void opening_and_closing_an_unchanged_pool_many_times_changes_no_block() {
        Pool pool = newPool();
        pool.allocateAll(SIZES);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        Path path = home().path(pool);
        pool.close();
        for (int round = 0; round < 5; round++) {
            Pool again = home().open(path);
            assertThat(again.recovery().state()).isEqualTo(RecoveryReport.State.CLEAN);
            assertThat(Blocks.walk(again)).isEqualTo(before);
            again.close();
        }
    }
}
