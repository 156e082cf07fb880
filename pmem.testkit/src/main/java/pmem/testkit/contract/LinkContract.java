package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.TransactionException;

/** Slots: words that name a block, changed together with the state of the blocks they come to name and cease to name. */
@OnEveryDomain
public abstract class LinkContract extends ContractTest {
    private static final int NEXT = 8;

    /** For JUnit. */
    protected LinkContract() {}

    /** Root, link and ordinary slot, all empty. */
    private static List<Long> everyKindOfSlot(Pool pool) {
        long container = pool.allocate(64);
        TransactionContract.setWord(pool, container, 0, 0);
        TransactionContract.setWord(pool, container, 8, 0);
        return List.of(pool.rootSlot("slot"), pool.link(container, 0), pool.slot(container, 8));
    }

    // "Makes a reserved block allocated and stores its handle in a slot, as one"
    @Test
    void a_block_published_to_a_slot_is_live_and_named_by_it() {
        Pool pool = newPool();
        for (long slot : everyKindOfSlot(pool)) {
            long handle = pool.reserve(100);
            Blocks.stamp(pool.segment(handle), 100, handle);
            assertThat(pool.publishTo(slot, handle)).isTrue();
            assertThat(pool.load(slot)).isEqualTo(handle);
            assertThat(pool.isLive(handle)).isTrue();
            Blocks.assertStamped(pool.segment(handle), 100, 100, handle);
        }
    }

    // "whether the slot held the expected value; if not, nothing was changed and the block is still reserved"
    @Test
    void a_slot_with_another_value_stays_as_it_is_and_the_block_reserved() {
        Pool pool = newPool();
        for (long slot : everyKindOfSlot(pool)) {
            long first = pool.reserve(64);
            assertThat(pool.publishTo(slot, first)).isTrue();
            long second = pool.reserve(64);
            assertThat(pool.publishTo(slot, second)).isFalse();
            assertThat(pool.replace(slot, second + 64, second)).isFalse();
            assertThat(pool.unlinkAndFree(slot, second, Handles.NONE)).isFalse();
            assertThat(pool.load(slot)).isEqualTo(first);
            assertThat(pool.isLive(second)).isFalse();
            pool.cancel(second);
        }
    }

    // "Frees the block a slot names and stores what follows it, as one"
    @Test
    void an_unlinked_block_is_free_and_the_slot_names_what_follows() {
        Pool pool = newPool();
        for (long slot : everyKindOfSlot(pool)) {
            long usedBytes = pool.usedBytes();
            long tail = push(pool, slot, 1);
            long head = push(pool, slot, 2);
            assertThat(pool.unlinkAndFree(slot, head, TransactionContract.word(pool, head, NEXT)))
                    .isTrue();
            assertThat(pool.isLive(head)).isFalse();
            assertThat(pool.load(slot)).isEqualTo(tail);
            assertThat(pool.unlinkAndFree(slot)).isTrue();
            assertThat(pool.unlinkAndFree(slot)).as("of an empty slot").isFalse();
            assertThat(pool.load(slot)).isEqualTo(Handles.NONE);
            assertThat(pool.isLive(tail)).isFalse();
            assertInvalidHandle(() -> pool.free(tail));
            pool.free(pool.allocate(pool.stats().largestFreeBytes()));
            assertThat(pool.usedBytes()).isLessThanOrEqualTo(usedBytes + (1 << 20));
        }
    }

    private static long push(Pool pool, long slot, long value) {
        long head = pool.load(slot);
        long handle = pool.reserve(64);
        TransactionContract.setWord(pool, handle, 0, value);
        TransactionContract.setWord(pool, handle, NEXT, head);
        assertThat(pool.publishTo(slot, head, handle)).isTrue();
        return handle;
    }

    // "Puts a reserved block in the place of the one a slot names and frees that, as one"
    @Test
    void a_replaced_block_is_free_and_the_new_one_live() {
        Pool pool = newPool();
        for (long slot : everyKindOfSlot(pool)) {
            long before = push(pool, slot, 1);
            for (int round = 0; round < 40; round++) {
                long handle = pool.reserve(64);
                assertThat(pool.replace(slot, before, handle)).isTrue();
                assertThat(pool.isLive(before)).isFalse();
                assertThat(pool.isLive(handle)).isTrue();
                before = handle;
            }
            assertThat(pool.stats().liveBlocks()).isEqualTo(Blocks.walk(pool).size());
        }
    }

    // "Resizes the block a slot names by moving it"
    @Test
    void a_moved_block_keeps_its_content_and_gives_the_old_place_back() {
        Pool pool = newPool();
        for (long slot : everyKindOfSlot(pool)) {
            long old = pool.reserve(100);
            Blocks.stamp(pool.segment(old), 100, 5);
            pool.publishTo(slot, old);
            long moved = pool.move(slot, old, 30_000);
            assertThat(pool.load(slot)).isEqualTo(moved);
            assertThat(pool.usableBytes(moved)).isGreaterThanOrEqualTo(30_000);
            Blocks.assertStamped(pool.segment(moved), 100, 100, 5);
            assertThat(pool.isLive(old)).isFalse();
            long other = pool.allocate(10);
            assertThat(pool.move(slot, other, 10))
                    .as("of a slot that names another")
                    .isEqualTo(Handles.NONE);
        }
    }

    // "The link at a named root, which need not be set."
    @Test
    void a_root_slot_and_the_root_of_that_name_are_the_same_word() {
        Pool pool = newPool();
        long slot = pool.rootSlot("list");
        assertThat(pool.roots()).isEmpty();
        assertThat(pool.root("list")).isEqualTo(Handles.NONE);
        long handle = push(pool, slot, 1);
        assertThat(pool.roots()).containsEntry("list", handle);
        pool.setRoot("list", Handles.NONE);
        assertThat(pool.load(slot)).isEqualTo(Handles.NONE);
        pool.setRoot("list", handle);
        assertThat(pool.load(pool.rootSlot("list"))).isEqualTo(handle);
        assertThat(pool.unlinkAndFree(slot)).isTrue();
        assertThat(pool.roots()).isEmpty();
    }

    // "@throws IllegalArgumentException if it is no slot of this pool, or the value would not change"
    @Test
    void what_is_no_slot_or_no_change_is_refused() {
        Pool pool = newPool();
        long container = pool.allocate(64);
        TransactionContract.setWord(pool, container, 0, 0);
        long handle = pool.reserve(64);
        assertInvalidArgument(() -> pool.slot(container, 4));
        assertInvalidArgument(() -> pool.slot(container, -8));
        assertInvalidArgument(() -> pool.link(container, pool.usableBytes(container)));
        assertInvalidHandle(() -> pool.slot(handle, 0));
        assertInvalidHandle(() -> pool.link(Handles.NONE, 0));
        for (long nonsense : new long[] {0, -1, 8, 4096, container + 4, Long.MAX_VALUE, 1L << 50}) {
            assertInvalidArgument(() -> pool.publishTo(nonsense, handle));
            assertInvalidArgument(() -> pool.load(nonsense));
        }
        long slot = pool.slot(container, 0);
        assertInvalidArgument(() -> pool.publishTo(slot, handle, handle));
        assertInvalidHandle(() -> pool.publishTo(slot, container));
        assertInvalidHandle(() -> pool.replace(slot, Handles.NONE, handle));
        assertThat(pool.load(slot)).isEqualTo(Handles.NONE);
        pool.cancel(handle);
        assertThat(pool.stats().liveBlocks()).isEqualTo(1);
    }

    // "@throws InvalidHandleException if {@code expected} does not name a live block"
    @Test
    void a_slot_that_names_no_live_block_can_free_nothing_and_the_new_block_stays_reserved() {
        Pool pool = newPool();
        long container = pool.allocate(64);
        long dead = pool.allocate(64);
        long handle = pool.reserve(64);
        pool.free(dead);
        TransactionContract.setWord(pool, container, 0, dead);
        long slot = pool.slot(container, 0);
        assertInvalidHandle(() -> pool.unlinkAndFree(slot));
        assertInvalidHandle(() -> pool.replace(slot, dead, handle));
        pool.cancel(handle);
        assertThat(pool.load(slot)).isEqualTo(dead);
    }

    // "@throws TransactionException if a running transaction has named the slot, or one of this thread is running"
    @Test
    void what_a_transaction_has_named_is_refused_and_nothing_is_lost() throws Exception {
        Pool pool = newPool();
        long container = pool.allocate(64);
        TransactionContract.setWord(pool, container, 0, 0);
        long slot = pool.link(container, 0);
        long named = push(pool, slot, 1);
        pool.transaction(tx -> {
            tx.set(container, 0, Handles.NONE);
            tx.free(named);
            assertThatThrownBy(() -> pool.unlinkAndFree(slot)).isInstanceOf(TransactionException.class);
            onAnotherThread(
                    () -> assertThatThrownBy(() -> pool.unlinkAndFree(slot)).isInstanceOf(TransactionException.class));
        });
        assertThat(pool.load(slot)).isEqualTo(Handles.NONE);
        assertThat(pool.stats().liveBlocks()).isEqualTo(1);
        push(pool, slot, 2);
        assertThat(pool.unlinkAndFree(slot)).isTrue();
    }

    private static void onAnotherThread(Runnable check) {
        try {
            Crew.run(1, index -> {
                check.run();
                return index;
            });
        } catch (Exception failure) {
            throw new AssertionError("the other thread failed", failure);
        }
    }

    @Test
    void everything_an_open_link_has_named_can_be_freed_changed_and_reused_at_once() {
        Pool pool = newPool();
        long container = pool.allocate(64);
        TransactionContract.setWord(pool, container, 0, 0);
        long link = pool.link(container, 0);
        long block = push(pool, link, 1);
        pool.free(block);
        pool.transaction(tx -> tx.set(container, 0, Handles.NONE));
        push(pool, link, 2);
        pool.free(container);
        long[] rest = Blocks.fill(pool, 64).stream().mapToLong(Long::longValue).toArray();
        pool.freeAll(rest);
        assertThat(pool.stats().liveBlocks()).isEqualTo(1);
    }

    // A freed block's space is held back until the link is settled, and settling it is what a full pool does first.
    @Test
    void a_full_pool_finds_the_room_of_a_block_just_unlinked() {
        Pool pool = newPool();
        long slot = pool.rootSlot("large");
        long bytes = pool.stats().largestFreeBytes();
        for (int round = 0; round < 4; round++) {
            long handle = pool.reserve(bytes);
            assertThat(pool.publishTo(slot, handle)).isTrue();
            assertThat(pool.unlinkAndFree(slot)).isTrue();
        }
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "All methods may be called by any number of threads at once."
    @Test
    void threads_that_push_and_pop_one_list_lose_no_block() throws Exception {
        Pool pool = newPool();
        long slot = pool.rootSlot("stack");
        ReentrantLock popping = new ReentrantLock();
        int pushes = 300;
        int popped = 0;
        List<Integer> pops = Crew.run(4, thread -> {
            int done = 0;
            for (int i = 0; i < pushes; i++) {
                pushOrRetry(pool, slot);
                done += i % 3 == 0 && popOrRetry(pool, slot, popping) ? 1 : 0;
            }
            return done;
        });
        for (int count : pops) {
            popped += count;
        }
        List<Long> chain = new ArrayList<>();
        for (long handle = pool.load(slot); handle != Handles.NONE; ) {
            chain.add(handle);
            handle = TransactionContract.word(pool, handle, NEXT);
        }
        assertThat(chain).hasSize(4 * pushes - popped);
        assertThat(Blocks.walk(pool).keySet()).containsExactlyInAnyOrderElementsOf(chain);
    }

    private static void pushOrRetry(Pool pool, long slot) {
        long handle = pool.reserve(64);
        boolean done = false;
        while (!done) {
            long head = pool.load(slot);
            TransactionContract.setWord(pool, handle, NEXT, head);
            done = pool.publishTo(slot, head, handle);
        }
    }

    // One popper at a time, or the head could be freed before its next word is read.
    private static boolean popOrRetry(Pool pool, long slot, ReentrantLock popping) {
        popping.lock();
        try {
            while (true) {
                long head = pool.load(slot);
                if (head == Handles.NONE) {
                    return false;
                }
                if (pool.unlinkAndFree(slot, head, TransactionContract.word(pool, head, NEXT))) {
                    return true;
                }
            }
        } finally {
            popping.unlock();
        }
    }
}
