package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolOpenException;
import pmem.api.PoolOptions;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;
import pmem.api.Size;

/** A pool that becomes larger while it is used. */
@OnEveryFileDomain
@ManyFences
public abstract class GrowContract extends ContractTest {
    private static final long START_BYTES = Size.mib(8);
    private static final long MAX_BYTES = Size.mib(32);
    private static final long BLOCK_BYTES = 5000;

    /** For JUnit. */
    protected GrowContract() {}

    private PoolOptions growing() {
        return setting.options(START_BYTES).maxCapacity(MAX_BYTES).countPersists(true);
    }

    private Pool newGrowingPool() {
        return home().create(growing());
    }

    private static long lastOf(List<Long> handles) {
        return handles.stream().mapToLong(Long::longValue).max().orElse(0);
    }

    // "Makes the pool larger while others use it; every block stays where it is."
    @Test
    void a_full_pool_that_grows_takes_blocks_beyond_its_old_end() {
        Pool pool = newGrowingPool();
        assertThat(pool.stats().capacityBytes()).isEqualTo(START_BYTES);
        assertThat(pool.maxCapacityBytes()).isEqualTo(MAX_BYTES);
        List<Long> before = Blocks.fillStamped(pool, BLOCK_BYTES);
        long address = pool.segment(before.getFirst()).address();
        assertThat(lastOf(before)).isLessThan(START_BYTES);
        assertThat(pool.grow(2 * START_BYTES)).isEqualTo(2 * START_BYTES);
        assertThat(pool.stats().capacityBytes()).isEqualTo(2 * START_BYTES);
        assertThat(pool.segment(before.getFirst()).address()).isEqualTo(address);
        List<Long> after = Blocks.fillStamped(pool, BLOCK_BYTES);
        // As many but for what larger slabs or segments leave over: their lengths may follow the pool's.
        assertThat(after).as("blocks in the new space").hasSizeGreaterThanOrEqualTo(before.size() * 99 / 100);
        assertThat(lastOf(after)).isBetween(START_BYTES, 2 * START_BYTES - BLOCK_BYTES);
        Blocks.assertStamped(pool, before, BLOCK_BYTES);
        Blocks.assertStamped(pool, after, BLOCK_BYTES);
    }

    // "Durable at return"
    @Test
    void a_pool_that_grew_opens_as_large_as_it_was_with_the_same_blocks() {
        Pool pool = newGrowingPool();
        List<Long> handles = Blocks.fillStamped(pool, BLOCK_BYTES);
        pool.grow(MAX_BYTES);
        handles.addAll(Blocks.fillStamped(pool, BLOCK_BYTES));
        SortedMap<Long, Long> blocks = Blocks.walk(pool);
        PoolStats stats = pool.stats();
        Pool crashed = home().openAsAfterCrash(pool);
        assertThat(crashed.recovery().state()).isEqualTo(RecoveryReport.State.CRASHED);
        Pool again = home().reopen(pool);
        for (Pool found : List.of(crashed, again)) {
            assertThat(found.recovery().notes()).isEmpty();
            assertThat(found.stats().capacityBytes()).isEqualTo(MAX_BYTES);
            assertThat(found.stats().usedBytes()).isEqualTo(stats.usedBytes());
            assertThat(Blocks.walk(found)).isEqualTo(blocks);
            Blocks.assertStamped(found, handles, BLOCK_BYTES);
        }
        assertThat(again.recovery().state()).isEqualTo(RecoveryReport.State.CLEAN);
        Blocks.freeAll(again, handles);
        assertThat(Blocks.fillStamped(again, BLOCK_BYTES)).hasSizeGreaterThanOrEqualTo(handles.size());
    }

    @Test
    void a_pool_in_use_grows_step_by_step_and_no_thread_notices_but_by_the_room() throws Exception {
        Pool pool = newGrowingPool();
        List<List<Long>> found = Crew.run(3, index -> index == 0 ? growInSteps(pool) : allocateUntil(pool, index));
        assertThat(pool.stats().capacityBytes()).isEqualTo(MAX_BYTES);
        for (List<Long> handles : found) {
            Blocks.assertStamped(pool, handles, BLOCK_BYTES);
        }
        long last = found.stream().mapToLong(GrowContract::lastOf).max().orElse(0);
        assertThat(last).as("the last block").isGreaterThan(START_BYTES);
    }

    private static List<Long> growInSteps(Pool pool) {
        for (long bytes = START_BYTES; bytes <= MAX_BYTES; bytes += Size.mib(2)) {
            assertThat(pool.grow(bytes)).isEqualTo(bytes);
        }
        return List.of();
    }

    // Goes on until there is no room although the pool is as large as it can be.
    private static List<Long> allocateUntil(Pool pool, int thread) {
        List<Long> handles = new ArrayList<>();
        while (true) {
            boolean last = pool.stats().capacityBytes() == MAX_BYTES;
            try {
                long handle = pool.allocate(BLOCK_BYTES);
                Blocks.stamp(pool.segment(handle), BLOCK_BYTES, handle);
                if (handles.size() % 7 == thread) {
                    pool.free(handle);
                    handle = pool.allocate(BLOCK_BYTES);
                    Blocks.stamp(pool.segment(handle), BLOCK_BYTES, handle);
                }
                handles.add(handle);
            } catch (OutOfSpaceException full) {
                if (last) {
                    return handles;
                }
                Thread.onSpinWait();
            }
        }
    }

    // "One that the pool has already changes nothing"; "if it is less than 1 or more than maxCapacityBytes"
    @Test
    void sizes_that_cannot_be_are_refused_and_smaller_ones_change_nothing() {
        Pool pool = newGrowingPool();
        assertThat(pool.grow(1)).isEqualTo(START_BYTES);
        assertThat(pool.grow(START_BYTES)).isEqualTo(START_BYTES);
        assertInvalidArgument(() -> pool.grow(0));
        assertInvalidArgument(() -> pool.grow(-1));
        assertInvalidArgument(() -> pool.grow(MAX_BYTES + 1));
        assertThat(pool.grow(START_BYTES + 1)).isEqualTo(START_BYTES + Size.mib(2));
        assertInvalidArgument(() -> home().create(setting.options(START_BYTES).maxCapacity(START_BYTES - 1)));
        assertInvalidArgument(() -> PoolOptions.open().maxCapacity(0));
    }

    // "and so is the capacity of a pool that can grow"
    @Test
    void a_program_may_state_the_first_capacity_again_after_the_pool_has_grown() {
        Pool pool = newGrowingPool();
        Path path = home().path(pool);
        pool.grow(MAX_BYTES);
        pool.close();
        PoolOptions first =
                PoolOptions.create(START_BYTES).maxCapacity(MAX_BYTES).durability(setting.domain());
        assertThat(home().open(path, first).stats().capacityBytes()).isEqualTo(MAX_BYTES);
    }

    @Test
    void a_file_shorter_than_the_pool_has_become_is_truncated_and_a_longer_one_opens() throws IOException {
        Pool pool = newGrowingPool();
        Path path = home().path(pool);
        pool.grow(2 * START_BYTES);
        long handle = pool.allocate(100);
        pool.close();
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.truncate(2 * START_BYTES - 4096);
        }
        assertThatThrownBy(() -> home().open(path))
                .asInstanceOf(type(PoolOpenException.class))
                .extracting(PoolOpenException::reason)
                .isEqualTo(PoolOpenException.Reason.TRUNCATED);
        // As a growth that was cut off leaves it.
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[1]), 3 * START_BYTES - 1);
        }
        Pool longer = home().open(path);
        assertThat(longer.stats().capacityBytes()).isEqualTo(2 * START_BYTES);
        assertThat(longer.recovery().notes()).anyMatch(note -> note.contains("larger than the pool"));
        assertThat(longer.isLive(handle)).isTrue();
        assertThat(longer.grow(3 * START_BYTES)).isEqualTo(3 * START_BYTES);
        assertThat(Files.size(path)).isEqualTo(3 * START_BYTES);
        Blocks.assertStamped(longer, Blocks.fillStamped(longer, BLOCK_BYTES), BLOCK_BYTES);
    }

    // "expected at least ... bytes for maxCapacityBytes"
    @Test
    void a_first_capacity_without_room_for_the_tables_of_the_largest_is_too_small() {
        assertThatThrownBy(() -> home().create(setting.options(START_BYTES).maxCapacity(Size.tib(16))))
                .asInstanceOf(type(PoolOpenException.class))
                .extracting(PoolOpenException::reason)
                .isEqualTo(PoolOpenException.Reason.TOO_SMALL);
    }

    // "In a pool that is not preallocated they take storage as they are used."
    @Test
    void a_sparse_pool_grows_without_taking_storage() {
        Pool pool = home().create(growing().preallocate(false));
        List<Long> handles = Blocks.fillStamped(pool, BLOCK_BYTES);
        pool.grow(MAX_BYTES);
        handles.addAll(Blocks.fillStamped(pool, BLOCK_BYTES));
        assertThat(lastOf(handles)).isGreaterThan(2 * START_BYTES);
        Pool again = home().reopen(pool);
        Blocks.assertStamped(again, handles, BLOCK_BYTES);
    }

    // "Costs system calls, 2 lines and 1 fence."
    @Test
    void growing_costs_two_lines_and_one_fence() {
        Pool pool = newGrowingPool();
        PoolStats before = pool.stats();
        pool.grow(MAX_BYTES);
        PoolStats after = pool.stats();
        assertThat(after.linesWrittenBack() - before.linesWrittenBack()).isEqualTo(2);
        assertThat(after.fences() - before.fences()).isEqualTo(1);
    }

    @Test
    void roots_slots_and_transactions_reach_into_the_new_space() {
        Pool pool = newGrowingPool();
        List<Long> old = Blocks.fillStamped(pool, BLOCK_BYTES);
        pool.grow(MAX_BYTES);
        long holder = pool.allocate(BLOCK_BYTES);
        assertThat(holder).isGreaterThan(lastOf(old));
        pool.setRoot("beyond", holder);
        long slot = pool.slot(holder, 8);
        long before = pool.load(slot);
        long linked = pool.reserve(BLOCK_BYTES);
        assertThat(pool.publishTo(slot, before, linked)).isTrue();
        pool.transaction(tx -> {
            tx.set(holder, 16, 42);
            tx.free(old.getFirst());
        });
        Pool again = home().openAsAfterCrash(pool);
        assertThat(again.load(again.slot(again.root("beyond"), 8))).isEqualTo(linked);
        assertThat(again.isLive(linked)).isTrue();
        assertThat(again.isLive(old.getFirst())).isFalse();
    }
}
