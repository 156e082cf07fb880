package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.Pool;
import pmem.api.PoolStats;

/**
 * Lines and fences of each operation in steady state, when no slab, arena or segment has to be prepared first. Fences are
 * asserted exactly; a line less than the budget is not an error.
 */
@OnEveryFileDomain
public abstract class PersistBudgetContract extends ContractTest {
    private static final long[] SIZES = {64, 1000, 5000, 100_000};
    private static final int ROUNDS = 20;

    /** For JUnit. */
    protected PersistBudgetContract() {}

    // "Durable at return: 1 line and 1 fence."
    @Test
    void an_allocation_is_one_line_and_one_fence() {
        for (long bytes : SIZES) {
            Pool pool = newCountingPool();
            prepare(pool, bytes, ROUNDS);
            PoolStats before = pool.stats();
            for (int round = 0; round < ROUNDS; round++) {
                pool.allocate(bytes);
            }
            assertCost("allocate " + bytes, before, pool.stats(), ROUNDS, ROUNDS);
            pool.close();
        }
    }

    // "Durable at return: 1 line and 1 fence; the space is reused only after that."
    @Test
    void a_free_is_one_line_and_one_fence() {
        for (long bytes : SIZES) {
            Pool pool = newCountingPool();
            prepare(pool, bytes, ROUNDS);
            long[] sizes = new long[ROUNDS];
            Arrays.fill(sizes, bytes);
            long[] handles = pool.allocateAll(sizes);
            PoolStats before = pool.stats();
            for (long handle : handles) {
                pool.free(handle);
            }
            assertCost("free " + bytes, before, pool.stats(), ROUNDS, ROUNDS);
            pool.close();
        }
    }

    // "Allocates one block of each size under one fence."; "Frees all the blocks under one fence."
    @Test
    void a_batch_of_32_is_one_fence_whichever_way() {
        for (long bytes : SIZES) {
            Pool pool = newCountingPool();
            prepare(pool, bytes, 32);
            long[] sizes = new long[32];
            Arrays.fill(sizes, bytes);
            PoolStats before = pool.stats();
            long[] handles = pool.allocateAll(sizes);
            PoolStats between = pool.stats();
            pool.freeAll(handles);
            assertCost("allocateAll 32 x " + bytes, before, between, 32, 1);
            assertCost("freeAll 32 x " + bytes, between, pool.stats(), 32, 1);
            pool.close();
        }
    }

    // "the lines of the content, 1 line of state, 1 fence"; "no write to media"
    @Test
    void reserving_and_cancelling_is_free_and_publishing_is_one_fence() {
        for (long bytes : SIZES) {
            Pool pool = newCountingPool();
            prepare(pool, bytes, 2);
            PoolStats start = pool.stats();
            pool.cancel(pool.reserve(bytes));
            long handle = pool.reserve(bytes);
            assertCost("reserve and cancel " + bytes, start, pool.stats(), 0, 0);
            PoolStats before = pool.stats();
            pool.publish(handle);
            // Content that does not begin on a line's boundary touches one line more.
            assertCost("publish " + bytes, before, pool.stats(), Math.ceilDiv(bytes, 64) + 2, 1);
            pool.close();
        }
    }

    // "If all of the block is, 1 line and 1 fence; otherwise the lines that are cleared, and 1 fence more."
    @Test
    void a_block_that_is_to_be_zero_is_at_most_its_lines_and_one_fence_more() {
        for (long bytes : SIZES) {
            Pool pool = newCountingPool();
            prepare(pool, bytes, 2);
            PoolStats before = pool.stats();
            long handle = pool.allocateZeroed(bytes);
            PoolStats after = pool.stats();
            assertThat(after.fences() - before.fences())
                    .as("fences for %d bytes", bytes)
                    .isBetween(1L, 2L);
            assertThat(after.linesWrittenBack() - before.linesWrittenBack())
                    .as("lines for %d bytes", bytes)
                    .isLessThanOrEqualTo(pool.usableBytes(handle) / 64 + 3);
            pool.close();
        }
    }

    // "A block that needs no other length is left as it is"; "1 line and 1 fence"
    @Test
    void a_block_that_changes_its_size_is_one_line_and_one_fence_and_one_that_keeps_it_is_free() {
        Pool pool = newCountingPool();
        long handle = pool.allocate(1 << 20);
        for (long bytes : new long[] {1 << 20, 100_000, 90_000, 1 << 20}) {
            long usableBytes = pool.usableBytes(handle);
            PoolStats before = pool.stats();
            assertThat(pool.reallocate(handle, bytes)).isTrue();
            int changes = pool.usableBytes(handle) == usableBytes ? 0 : 1;
            assertCost("reallocate " + usableBytes + " to " + bytes, before, pool.stats(), changes, changes);
        }
    }

    // "3 fences however many blocks it allocates"
    @Test
    void a_transaction_is_three_fences_however_many_blocks_it_allocates() {
        for (int blocks : new int[] {1, 8, 20}) {
            for (long bytes : new long[] {64, 1000}) {
                Pool pool = newCountingPool();
                prepare(pool, bytes, blocks);
                PoolStats before = pool.stats();
                pool.transaction(tx -> {
                    for (int i = 0; i < blocks; i++) {
                        tx.allocate(bytes);
                    }
                });
                long contentLines = blocks * (Math.ceilDiv(bytes, 64) + 1);
                assertCost(
                        "transaction of " + blocks + " x " + bytes,
                        before,
                        pool.stats(),
                        contentLines + 2L * blocks + 2,
                        3);
                pool.close();
            }
        }
    }

    @Test
    void a_transaction_that_frees_and_sets_is_three_fences_too() {
        Pool pool = newCountingPool();
        long[] blocks = pool.allocateAll(64, 64, 64);
        PoolStats before = pool.stats();
        pool.transaction(tx -> {
            tx.free(blocks[0]);
            tx.set(blocks[1], 0, 1);
            tx.set(blocks[2], 8, 2);
        });
        assertCost("transaction of 1 free, 2 words", before, pool.stats(), 8, 3);
    }

    // "2 fences for a link, 3 for an ordinary slot"
    @Test
    void changing_a_link_is_two_fences_and_changing_an_ordinary_slot_three() {
        for (long bytes : new long[] {64, 1000}) {
            Pool pool = newCountingPool();
            long container = pool.allocate(64);
            prepare(pool, bytes, 6);
            TransactionContract.setWord(pool, container, 0, 0);
            TransactionContract.setWord(pool, container, 8, 0);
            assertCostOfLinks(pool, "root", pool.rootSlot("r"), bytes, 2);
            assertCostOfLinks(pool, "link", pool.link(container, 0), bytes, 2);
            assertCostOfLinks(pool, "ordinary slot", pool.slot(container, 8), bytes, 3);
            pool.close();
        }
    }

    private static void assertCostOfLinks(Pool pool, String kind, long slot, long bytes, int fences) {
        long contentLines = Math.ceilDiv(bytes, 64) + 1;
        long first = pool.reserve(bytes);
        long second = pool.reserve(bytes);
        PoolStats start = pool.stats();
        pool.publishTo(slot, first);
        PoolStats published = pool.stats();
        pool.replace(slot, first, second);
        PoolStats replaced = pool.stats();
        pool.unlinkAndFree(slot);
        assertCost("publishTo a " + kind, start, published, contentLines + 4, fences);
        assertCost("replace at a " + kind, published, replaced, contentLines + 5, fences);
        assertCost("unlinkAndFree at a " + kind, replaced, pool.stats(), 4, fences);
    }

    // "1 fence, 1 line per 40 bytes"
    @Test
    void a_snapshot_is_one_fence_and_a_commit_with_only_snapshots_two() {
        Pool pool = newCountingPool();
        long block = pool.allocate(400, 64);
        PoolStats before = pool.stats();
        pool.transaction(tx -> {
            tx.snapshot(block, 0, 400);
            tx.snapshot(block, 0, 400);
        });
        assertCost("a transaction of one snapshot of 400 bytes", before, pool.stats(), 10 + 7 + 1, 3);
    }

    // "operations return at once"
    @Test
    void with_group_commit_an_operation_costs_nothing_and_a_sync_one_fence() {
        Pool pool = home().create(options().countPersists(true).groupCommit(Duration.ZERO));
        prepare(pool, 64, 20);
        pool.sync();
        PoolStats before = pool.stats();
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            handles.add(pool.allocate(64));
        }
        Blocks.freeAll(pool, handles.subList(0, 10));
        PoolStats done = pool.stats();
        pool.sync();
        PoolStats synced = pool.stats();
        pool.sync();
        assertCost("20 allocations and 10 frees", before, done, 0, 0);
        assertCost("a sync", done, synced, 30, 1);
        assertCost("a sync with nothing to do", synced, pool.stats(), 0, 0);
    }

    // "their lines and one fence"
    @Test
    void persisting_is_the_lines_of_the_range_and_one_fence() {
        Pool pool = newCountingPool();
        long handle = pool.allocate(4096, 64);
        PoolStats before = pool.stats();
        pool.persist(handle, 0, 8);
        PoolStats oneLine = pool.stats();
        pool.persist(handle, 60, 8);
        PoolStats twoLines = pool.stats();
        pool.writeBack(handle, 0, 4096);
        PoolStats written = pool.stats();
        pool.fence();
        assertCost("persist in one line", before, oneLine, 1, 1);
        assertCost("persist across two lines", oneLine, twoLines, 2, 1);
        assertCost("writeBack", twoLines, written, 64, 0);
        assertCost("fence", written, pool.stats(), 0, 1);
    }

    @Test
    void questions_and_refusals_cost_nothing() {
        Pool pool = newCountingPool();
        long handle = pool.allocate(64);
        PoolStats before = pool.stats();
        pool.isLive(handle);
        pool.segment(handle);
        pool.usableBytes(handle);
        pool.root("r");
        pool.roots();
        pool.verify();
        Blocks.walk(pool);
        assertInvalidHandle(() -> pool.free(handle + 8));
        assertOutOfSpace(() -> pool.allocate(1L << 50));
        assertCost("questions and refusals", before, pool.stats(), 0, 0);
    }

    private Pool newCountingPool() {
        return home().create(options().countPersists(true));
    }

    // Leaves this many holes, each beside a live block, so that no slab has to be prepared for them nor becomes empty
    // by them.
    private static void prepare(Pool pool, long bytes, int blocks) {
        long[] sizes = new long[2 * blocks];
        Arrays.fill(sizes, bytes);
        long[] handles = pool.allocateAll(sizes);
        Arrays.sort(handles);
        for (int i = 0; i < handles.length; i += 2) {
            pool.free(handles[i]);
        }
    }

    private static void assertCost(String what, PoolStats before, PoolStats after, long linesMax, long fences) {
        assertThat(after.fences() - before.fences()).as("fences of %s", what).isEqualTo(fences);
        assertThat(after.linesWrittenBack() - before.linesWrittenBack())
                .as("lines of %s", what)
                .isLessThanOrEqualTo(linesMax);
    }
}
