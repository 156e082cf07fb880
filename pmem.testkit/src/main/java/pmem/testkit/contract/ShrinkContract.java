package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;
import pmem.api.ShrinkReport;
import pmem.api.Size;

/** A pool that becomes smaller while it is used. */
@OnEveryDomain
@ManyFences
public abstract class ShrinkContract extends ContractTest {
    private static final long START_BYTES = Size.mib(16);
    private static final long MAX_BYTES = Size.mib(32);
    private static final long STEP_BYTES = Size.mib(2);
    private static final long BLOCK_BYTES = 50_000;
    private static final int ROUNDS = 30;

    /** For JUnit. */
    protected ShrinkContract() {}

    private PoolOptions shrinking() {
        return setting.options(START_BYTES).maxCapacity(MAX_BYTES).countPersists(true);
    }

    private Pool newShrinkingPool() {
        return home().create(shrinking());
    }

    private long fileBytes(Pool pool) throws IOException {
        return setting.isVolatile() ? pool.stats().capacityBytes() : Files.size(home().path(pool));
    }

    private static List<Long> fill(Pool pool) {
        List<Long> handles = Blocks.fillStamped(pool, BLOCK_BYTES);
        handles.sort(null);
        return handles;
    }

    // "Makes the pool smaller by its free end, while others use it, and the file shorter; every block stays where it
    // is"
    @Test
    void an_empty_pool_becomes_as_small_as_asked_and_so_does_its_file() throws IOException {
        Pool pool = newShrinkingPool();
        ShrinkReport report = pool.shrink(START_BYTES / 2 - 1);
        assertThat(report.capacityBytes()).isEqualTo(START_BYTES / 2);
        assertThat(report.releasedBytes()).isEqualTo(START_BYTES / 2);
        assertThat(report.complete()).isTrue();
        assertThat(pool.stats().capacityBytes()).isEqualTo(START_BYTES / 2);
        assertThat(fileBytes(pool)).isEqualTo(START_BYTES / 2);
        assertThat(fill(pool)).allMatch(handle -> handle <= START_BYTES / 2 - BLOCK_BYTES);
        assertThat(pool.verify()).isEmpty();
    }

    // "the size now, which is larger if something in use stands in the way, and where that ends"
    @Test
    void a_block_near_the_end_keeps_all_before_it_and_the_report_says_where_it_ends() throws IOException {
        Pool pool = newShrinkingPool();
        List<Long> handles = fill(pool);
        long last = handles.getLast();
        Blocks.freeAll(pool, handles.subList(0, handles.size() - 1));
        long address = pool.segment(last).address();
        ShrinkReport blocked = pool.shrink(pool.minCapacityBytes());
        assertThat(blocked.complete()).isFalse();
        assertThat(blocked.releasedBytes()).isLessThan(STEP_BYTES);
        assertThat(blocked.usedEndOffset()).isGreaterThanOrEqualTo(last + BLOCK_BYTES);
        assertThat(blocked.toString())
                .contains(
                        "not as small as asked", "capacityBytes=" + START_BYTES, "usedEndOffset=0x", "free the blocks");
        Blocks.assertStamped(pool, List.of(last), BLOCK_BYTES);
        assertThat(pool.segment(last).address()).isEqualTo(address);
        pool.free(last);
        ShrinkReport done = pool.shrink(pool.minCapacityBytes());
        assertThat(done.complete()).isTrue();
        assertThat(done.capacityBytes()).isEqualTo(pool.minCapacityBytes());
        assertThat(fileBytes(pool)).isEqualTo(pool.minCapacityBytes());
    }

    @Test
    void blocks_before_the_new_end_stay_and_the_pool_is_found_as_small_with_the_same_blocks() {
        if (setting.isVolatile()) {
            return;
        }
        Pool pool = newShrinkingPool();
        List<Long> handles = fill(pool);
        List<Long> kept = new ArrayList<>(handles.subList(0, handles.size() / 4));
        Blocks.freeAll(pool, handles.subList(kept.size(), handles.size()));
        long address = pool.segment(kept.getFirst()).address();
        ShrinkReport report = pool.shrink(START_BYTES / 2);
        assertThat(report.capacityBytes()).isEqualTo(START_BYTES / 2);
        assertThat(pool.segment(kept.getFirst()).address()).isEqualTo(address);
        SortedMap<Long, Long> blocks = Blocks.walk(pool);
        Pool crashed = home().openAsAfterCrash(pool);
        assertThat(crashed.recovery().state()).isEqualTo(RecoveryReport.State.CRASHED);
        Pool again = home().reopen(pool);
        for (Pool found : List.of(crashed, again)) {
            assertThat(found.recovery().notes()).isEmpty();
            assertThat(found.stats().capacityBytes()).isEqualTo(START_BYTES / 2);
            assertThat(Blocks.walk(found)).isEqualTo(blocks);
            Blocks.assertStamped(found, kept, BLOCK_BYTES);
            assertThat(found.verify()).isEmpty();
        }
    }

    // "What is left can grow again."
    @Test
    void a_pool_that_has_shrunk_grows_again_and_has_as_much_room_as_before() {
        Pool pool = newShrinkingPool();
        List<Long> handles = fill(pool);
        Blocks.freeAll(pool, handles);
        for (int round = 0; round < 3; round++) {
            assertThat(pool.shrink(pool.minCapacityBytes()).complete()).isTrue();
            assertThat(pool.grow(START_BYTES)).isEqualTo(START_BYTES);
            List<Long> again = fill(pool);
            assertThat(again).hasSizeGreaterThanOrEqualTo(handles.size());
            Blocks.assertStamped(pool, again, BLOCK_BYTES);
            assertThat(pool.verify()).isEmpty();
            Blocks.freeAll(pool, again);
        }
    }

    @Test
    void threads_that_allocate_and_free_never_lose_a_byte_to_one_that_shrinks_and_grows() throws Exception {
        Pool pool = newShrinkingPool();
        AtomicBoolean resizing = new AtomicBoolean(true);
        Crew.run(3, index -> {
            if (index == 0) {
                for (int round = 0; round < ROUNDS; round++) {
                    pool.shrink(pool.minCapacityBytes());
                    pool.grow(START_BYTES);
                }
                resizing.set(false);
                return 0;
            }
            while (resizing.get()) {
                churn(pool);
            }
            return 0;
        });
        assertThat(Blocks.walk(pool)).isEmpty();
        assertThat(pool.verify()).isEmpty();
        assertThat(pool.shrink(pool.minCapacityBytes()).complete()).isTrue();
    }

    private static void churn(Pool pool) {
        List<Long> handles = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                handles.add(Blocks.allocateStamped(pool, BLOCK_BYTES));
            }
        } catch (OutOfSpaceException lessRoomMeanwhile) {
            Thread.onSpinWait();
        }
        Blocks.assertStamped(pool, handles, BLOCK_BYTES);
        Blocks.freeAll(pool, handles);
    }

    // "if it is less than minCapacityBytes"; "its size if it can't shrink"
    @Test
    void sizes_that_cannot_be_are_refused_and_larger_ones_change_nothing() {
        Pool pool = newShrinkingPool();
        assertThat(pool.minCapacityBytes()).isBetween(STEP_BYTES, START_BYTES / 2);
        assertInvalidArgument(() -> pool.shrink(0));
        assertInvalidArgument(() -> pool.shrink(-1));
        assertInvalidArgument(() -> pool.shrink(pool.minCapacityBytes() - 1));
        ShrinkReport nothing = pool.shrink(2 * START_BYTES);
        assertThat(nothing.capacityBytes()).isEqualTo(START_BYTES);
        assertThat(nothing.releasedBytes()).isZero();
        assertThat(nothing.complete()).isTrue();
    }

    // "A crash may also leave the file longer than the pool; the next call cuts the rest off."
    @Test
    void the_next_call_cuts_off_what_a_crash_has_left_of_a_longer_file() throws IOException {
        if (setting.isVolatile()) {
            return;
        }
        Pool pool = newShrinkingPool();
        Path path = home().path(pool);
        long handle = Blocks.allocateStamped(pool, BLOCK_BYTES);
        pool.close();
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[1]), MAX_BYTES - 1);
        }
        Pool longer = home().open(path);
        assertThat(longer.recovery().notes()).anyMatch(note -> note.contains("larger than the pool"));
        ShrinkReport report = longer.shrink(START_BYTES);
        assertThat(report.capacityBytes()).isEqualTo(START_BYTES);
        assertThat(report.releasedBytes()).isEqualTo(MAX_BYTES - START_BYTES);
        assertThat(Files.size(path)).isEqualTo(START_BYTES);
        Blocks.assertStamped(longer, List.of(handle), BLOCK_BYTES);
    }

    @Test
    void a_sparse_pool_shrinks_and_gets_blocks_again_as_they_are_needed() {
        Pool pool = home().create(shrinking().preallocate(false));
        List<Long> handles = fill(pool);
        Blocks.freeAll(pool, handles);
        assertThat(pool.shrink(pool.minCapacityBytes()).complete()).isTrue();
        pool.grow(START_BYTES);
        Blocks.assertStamped(pool, fill(pool), BLOCK_BYTES);
    }

    // "Costs system calls, 2 lines and 1 fence"
    @Test
    void shrinking_costs_two_lines_and_one_fence() {
        Pool pool = newShrinkingPool();
        PoolStats before = pool.stats();
        pool.shrink(pool.minCapacityBytes());
        PoolStats after = pool.stats();
        assertThat(after.linesWrittenBack() - before.linesWrittenBack()).isEqualTo(2);
        assertThat(after.fences() - before.fences()).isEqualTo(1);
    }
}
