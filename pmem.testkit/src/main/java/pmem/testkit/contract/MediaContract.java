package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.api.Pool;

/** Calls that must not write to the pool's file, or must leave it as it was. */
@OnEveryFileDomain
public abstract class MediaContract extends ContractTest {
    /** For JUnit. */
    protected MediaContract() {}

    // "it is free, foreign, inside a block, or misaligned. Media is untouched."
    @Test
    void a_refused_handle_leaves_media_untouched() {
        Pool pool = newPool();
        long[] live = pool.allocateAll(64, 500, 5000, 200_000);
        long freed = pool.allocate(64);
        pool.free(freed);
        byte[] before = home().media(pool);
        for (long wrong :
                new long[] {freed, Handles.NONE, -1, 8, Long.MAX_VALUE, live[0] + 8, live[3] + 4096, live[2] + 1}) {
            assertInvalidHandle(() -> pool.free(wrong));
            assertInvalidHandle(() -> pool.freeAll(wrong, live[0]));
            assertInvalidHandle(() -> pool.publish(wrong));
            assertInvalidHandle(() -> pool.cancel(wrong));
            assertInvalidHandle(() -> pool.reallocate(wrong, 5));
            assertInvalidHandle(() -> pool.persist(wrong, 0, 1));
            assertInvalidHandle(() -> pool.transaction(tx -> tx.free(wrong)));
        }
        assertUnchanged(pool, before);
    }

    // "Nothing has changed."
    @Test
    void an_allocation_that_lacks_room_leaves_media_untouched() {
        Pool pool = newPool();
        Blocks.fill(pool, 100_000);
        byte[] before = home().media(pool);
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> pool.allocate(100_000),
                () -> pool.allocateAll(100_000, 100_000),
                () -> pool.reserve(100_000),
                () -> pool.transaction(tx -> tx.allocate(100_000)))) {
            assertOutOfSpace(call);
        }
        assertUnchanged(pool, before);
    }

    // "no write to media"
    @Test
    void reserving_and_cancelling_where_there_is_room_leaves_media_untouched() {
        Pool pool = newPool();
        for (long bytes : new long[] {48, 1000, 5000, 150_000}) {
            long neighbour = pool.allocate(bytes);
            pool.free(pool.allocate(bytes));
            byte[] before = home().media(pool);
            long handle = pool.reserve(bytes);
            assertUnchanged(pool, before);
            pool.cancel(handle);
            assertUnchanged(pool, before);
            pool.free(neighbour);
        }
    }

    @Test
    void questions_leave_media_untouched() {
        Pool pool = newPool();
        long handle = pool.allocate(500);
        pool.setRoot("r", handle);
        byte[] before = home().media(pool);
        Blocks.assertWhole(pool);
        pool.isLive(handle + 8);
        pool.segment(handle);
        pool.root("r");
        pool.root("none");
        pool.roots();
        pool.reallocate(handle, Long.MAX_VALUE);
        assertUnchanged(pool, before);
    }

    @Test
    void a_transaction_whose_body_throws_changes_no_block() {
        Pool pool = newPool();
        long kept = pool.allocate(500);
        Blocks.stamp(pool.segment(kept), 500, 1);
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.set(kept, 0, -1);
                    tx.free(kept);
                    throw new IllegalStateException("body gave up");
                }))
                .isInstanceOf(IllegalStateException.class);
        Blocks.assertStamped(pool.segment(kept), 500, 500, 1);
    }

    // A block is one state word: once it is free again, nothing on media tells that it was there. A live neighbour of
    // the
    // same size keeps its slab, if it has one.
    @Test
    void freeing_leaves_media_as_it_was_before_the_allocation() {
        Pool pool = newPool();
        long[] sizes = {1, 48, 500, 3000, 20_000, 150_000};
        pool.allocateAll(sizes);
        for (long bytes : sizes) {
            pool.free(pool.allocate(bytes));
            byte[] before = home().media(pool);
            long handle = pool.allocate(bytes);
            assertThat(Arrays.equals(home().media(pool), before))
                    .as("allocating %d bytes changes the state word", bytes)
                    .isFalse();
            pool.free(handle);
            assertUnchanged(pool, before);
            pool.freeAll(pool.allocateAll(bytes, bytes));
            long reserved = pool.reserve(bytes);
            pool.publish(reserved);
            pool.free(reserved);
            assertUnchanged(pool, before);
        }
    }

    private void assertUnchanged(Pool pool, byte[] before) {
        int at = Arrays.mismatch(before, home().media(pool));
        assertThat(at).as("offset of the first changed byte, -1 for none").isEqualTo(-1);
    }
}
