package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import pmem.api.InvalidHandleException;
import pmem.api.Pool;
import pmem.api.Transaction;
import pmem.api.TransactionException;

/** {@link Pool#transaction} by one thread: all or nothing, and when each change takes effect. */
@OnEveryDomain
public abstract class TransactionContract extends ContractTest {
    static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** For JUnit. */
    protected TransactionContract() {}

    static long word(Pool pool, long handle, long offset) {
        return pool.segment(handle).get(WORD, offset);
    }

    static void setWord(Pool pool, long handle, long offset, long value) {
        pool.segment(handle).set(WORD, offset, value);
        pool.persist(handle, offset, Long.BYTES);
    }

    // "makes all changes it asked for"
    @Test
    void a_transaction_whose_body_returns_makes_all_its_changes() {
        Pool pool = newPool();
        long anchor = pool.allocate(64);
        long old = pool.allocate(500);
        setWord(pool, anchor, 0, old);
        List<Long> made = new ArrayList<>();
        pool.transaction(tx -> {
            long replacement = tx.allocate(900);
            Blocks.stamp(tx.segment(replacement), 900, 9);
            tx.set(anchor, 0, replacement);
            tx.free(old);
            made.add(replacement);
        });
        assertThat(Blocks.walk(pool)).containsOnlyKeys(anchor, made.get(0));
        assertThat(word(pool, anchor, 0)).isEqualTo(made.get(0));
        Blocks.assertStamped(pool.segment(made.get(0)), 900, 900, 9);
    }

    // "until then allocated blocks are only reserved, freed blocks are still live, and words keep their old value for
    // everybody, this transaction included"
    @Test
    void nothing_takes_effect_before_the_body_returns() {
        Pool pool = newPool();
        long anchor = pool.allocate(64);
        long old = pool.allocate(64);
        setWord(pool, anchor, 8, 11);
        pool.transaction(tx -> {
            long made = tx.allocate(100);
            tx.free(old);
            tx.set(anchor, 8, 22);
            assertThat(pool.isLive(made)).isFalse();
            assertThat(pool.isLive(old)).isTrue();
            assertThat(word(pool, anchor, 8)).isEqualTo(11);
            assertThat(tx.segment(anchor).get(WORD, 8)).isEqualTo(11);
            assertThat(Blocks.walk(pool)).containsOnlyKeys(anchor, old);
        });
        assertThat(pool.isLive(old)).isFalse();
        assertThat(word(pool, anchor, 8)).isEqualTo(22);
    }

    // "If the body throws, nothing has changed."
    @Test
    void a_transaction_whose_body_throws_changes_nothing_and_passes_the_exception_on() {
        Pool pool = newPool();
        long anchor = pool.allocate(64);
        long kept = pool.allocate(64);
        setWord(pool, anchor, 0, 7);
        long usedBytes = pool.usedBytes();
        SortedMap<Long, Long> before = Blocks.walk(pool);
        IllegalStateException thrown = new IllegalStateException("body gave up");
        List<Long> made = new ArrayList<>();
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    made.add(tx.allocate(64));
                    tx.free(kept);
                    tx.set(anchor, 0, 8);
                    throw thrown;
                }))
                .isSameAs(thrown);
        assertThat(Blocks.walk(pool)).isEqualTo(before);
        assertThat(word(pool, anchor, 0)).isEqualTo(7);
        assertThat(pool.usedBytes()).isEqualTo(usedBytes);
        assertInvalidHandle(() -> pool.publish(made.get(0)));
        pool.free(kept);
    }

    @Test
    void room_of_an_undone_transaction_is_free_again() {
        Pool pool = newPool();
        long bytes = pool.stats().largestFreeBytes() * 5 / 8;
        for (int round = 0; round < 5; round++) {
            assertThatThrownBy(() -> pool.transaction(tx -> {
                        tx.allocate(bytes);
                        throw new IllegalStateException("body gave up");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }
        pool.free(pool.allocate(bytes));
    }

    @Test
    void an_error_thrown_by_the_body_undoes_the_transaction_too() {
        Pool pool = newPool();
        AssertionError thrown = new AssertionError("body failed");
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.allocate(64);
                    throw thrown;
                }))
                .isSameAs(thrown);
        assertThat(Blocks.walk(pool)).isEmpty();
        pool.transaction(tx -> tx.allocate(64));
        assertThat(Blocks.walk(pool)).hasSize(1);
    }

    @Test
    void an_empty_transaction_changes_nothing() {
        Pool pool = newPool();
        pool.transaction(tx -> {});
        Blocks.assertStatistics(pool, 0, 0);
    }

    // "@throws TransactionException if the changes do not fit a log lane"
    @Test
    void a_transaction_larger_than_a_lane_is_refused_whole() {
        Pool pool = newPool();
        long[] sizes = new long[PoolSetting.LANE_ENTRIES + 40];
        Arrays.fill(sizes, 300_000 / sizes.length);
        long[] blocks = pool.allocateAll(sizes);
        SortedMap<Long, Long> before = Blocks.walk(pool);
        assertTooLarge(pool, tx -> {
            for (long block : blocks) {
                tx.set(block, 0, 1);
            }
        });
        assertTooLarge(pool, tx -> {
            for (long block : blocks) {
                tx.free(block);
                tx.set(block, 8, 1);
            }
        });
        assertTooLarge(pool, tx -> {
            for (int i = 0; i < 100 * PoolSetting.LANE_ENTRIES; i++) {
                tx.set(tx.allocate(64), 0, 1);
            }
        });
        assertThat(Blocks.walk(pool)).isEqualTo(before);
        for (long block : blocks) {
            pool.free(block);
        }
    }

    private static void assertTooLarge(Pool pool, Consumer<Transaction> body) {
        assertThatThrownBy(() -> pool.transaction(body)).isInstanceOf(TransactionException.class);
    }

    @Test
    void a_lane_holds_as_many_words_as_the_options_say() {
        Pool pool = newPool();
        long block = pool.allocate(8L * PoolSetting.LANE_ENTRIES);
        pool.transaction(tx -> {
            for (long i = 0; i < PoolSetting.LANE_ENTRIES; i++) {
                tx.set(block, 8 * i, ~i);
            }
        });
        for (long i = 0; i < PoolSetting.LANE_ENTRIES; i++) {
            assertThat(word(pool, block, 8 * i)).isEqualTo(~i);
        }
    }

    // "A call inside a body of the same thread becomes a part of that transaction: it commits with it"
    @Test
    void a_nested_transaction_is_a_part_of_the_outer_one() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        setWord(pool, block, 0, 0);
        setWord(pool, block, 8, 0);
        pool.transaction(tx -> {
            tx.set(block, 0, 1);
            pool.transaction(inner -> inner.set(block, 8, 2));
            assertThat(word(pool, block, 8)).as("before the outer one commits").isZero();
        });
        assertThat(word(pool, block, 0)).isEqualTo(1);
        assertThat(word(pool, block, 8)).isEqualTo(2);
    }

    // "if the inner body throws, the outer one cannot commit any more"
    @Test
    void an_exception_of_a_nested_body_undoes_the_whole_even_if_it_is_caught() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        setWord(pool, block, 0, 7);
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.set(block, 0, 8);
                    assertThatThrownBy(() -> pool.transaction(inner -> {
                                inner.allocate(64);
                                throw new IllegalStateException("inner body gave up");
                            }))
                            .isInstanceOf(IllegalStateException.class);
                }))
                .isInstanceOf(TransactionException.class);
        assertThat(word(pool, block, 0)).isEqualTo(7);
        assertThat(Blocks.walk(pool)).containsOnlyKeys(block);
        pool.transaction(tx -> tx.set(block, 0, 9));
        assertThat(word(pool, block, 0)).isEqualTo(9);
    }

    // "Records a range of a live block, so that the body may then change it in place."
    @Test
    void a_snapshotted_range_keeps_what_the_body_stored_and_loses_it_when_the_body_throws() {
        Pool pool = newPool();
        long block = pool.allocate(1000);
        Blocks.stamp(pool.segment(block), 1000, 1);
        pool.persist(block, 0, 1000);
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.snapshot(block, 3, 900);
                    tx.segment(block).asSlice(3, 900).fill((byte) 9);
                    throw new IllegalStateException("body gave up");
                }))
                .isInstanceOf(IllegalStateException.class);
        Blocks.assertStamped(pool.segment(block), 1000, 1000, 1);
        pool.transaction(tx -> {
            tx.snapshot(block, 0, 500);
            tx.snapshot(block, 400, 600);
            Blocks.stamp(tx.segment(block), 1000, 2);
        });
        Blocks.assertStamped(pool.segment(block), 1000, 1000, 2);
    }

    @Test
    void words_may_be_both_snapshotted_and_set_in_either_order() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        setWord(pool, block, 0, 1);
        setWord(pool, block, 8, 1);
        pool.transaction(tx -> {
            tx.set(block, 0, 2);
            tx.snapshot(block, 0, 16);
            tx.set(block, 8, 3);
        });
        assertThat(word(pool, block, 0)).isEqualTo(2);
        assertThat(word(pool, block, 8)).isEqualTo(3);
    }

    // "@throws TransactionException if another transaction has named one of the words, or the lane has no room"
    @Test
    void a_range_that_does_not_fit_a_lane_is_refused_and_nothing_is_changed() {
        Pool pool = newPool();
        long block = pool.allocate(100L * PoolSetting.LANE_ENTRIES);
        setWord(pool, block, 0, 5);
        assertTooLarge(pool, tx -> {
            tx.snapshot(block, 0, 8);
            setWord(pool, block, 0, 6);
            tx.snapshot(block, 0, 100L * PoolSetting.LANE_ENTRIES);
        });
        assertThat(word(pool, block, 0)).isEqualTo(5);
        pool.transaction(tx -> tx.snapshot(block, 0, 40L * PoolSetting.LANE_ENTRIES));
    }

    @Test
    void ranges_outside_a_block_and_blocks_that_are_not_live_are_refused() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        long usableBytes = pool.usableBytes(block);
        pool.transaction(tx -> {
            assertThatThrownBy(() -> tx.snapshot(block, 1, usableBytes)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> tx.snapshot(block, -1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertInvalidHandle(() -> tx.snapshot(block + 8, 0, 1));
            tx.snapshot(block, usableBytes, 0);
        });
        pool.free(block);
        assertInvalidHandle(() -> pool.transaction(tx -> tx.snapshot(block, 0, 8)));
    }

    @Test
    void a_block_whose_content_a_transaction_changes_cannot_be_freed_by_others() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        pool.transaction(tx -> {
            tx.set(block, 0, 1);
            assertThatThrownBy(() -> pool.free(block)).isInstanceOf(TransactionException.class);
        });
        pool.free(block);
    }

    // "Frees a live block at commit, or cancels one that this transaction allocated."
    @Test
    void a_block_the_transaction_allocated_itself_can_be_cancelled_in_it() {
        Pool pool = newPool();
        List<Long> made = new ArrayList<>();
        pool.transaction(tx -> {
            long cancelled = tx.allocate(100);
            tx.free(cancelled);
            made.add(tx.allocate(200));
        });
        assertThat(Blocks.walk(pool)).containsOnlyKeys(made.get(0));
        long bytes = pool.stats().largestFreeBytes() * 5 / 8;
        pool.transaction(tx -> {
            tx.free(tx.allocate(bytes));
        });
        pool.free(pool.allocate(bytes));
    }

    // "@throws TransactionException if a running transaction has named the block"
    @Test
    void a_block_the_transaction_has_named_is_refused_to_an_ordinary_free_until_it_ends() {
        Pool pool = newPool();
        long freed = pool.allocate(64);
        pool.transaction(tx -> {
            tx.free(freed);
            assertThatThrownBy(() -> pool.free(freed)).isInstanceOf(TransactionException.class);
        });
        assertInvalidHandle(() -> pool.free(freed));
        long kept = pool.allocate(64);
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.free(kept);
                    throw new IllegalStateException("body gave up");
                }))
                .isInstanceOf(IllegalStateException.class);
        pool.free(kept);
    }

    @Test
    void freeing_a_block_twice_in_one_transaction_is_refused_and_undoes_it() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.free(block);
                    tx.free(block);
                }))
                .isInstanceOfAny(InvalidHandleException.class, TransactionException.class);
        assertThat(pool.isLive(block)).isTrue();
        pool.free(block);
    }

    // "@param offset bytes from the block's start, a multiple of 8 inside the block"
    @Test
    void words_that_are_misaligned_or_outside_the_block_are_wrong_arguments() {
        Pool pool = newPool();
        long block = pool.allocate(100);
        long usableBytes = pool.usableBytes(block);
        for (long offset :
                new long[] {1, 4, 7, -8, Long.MIN_VALUE, Math.ceilDiv(usableBytes, 8) * 8, Long.MAX_VALUE - 7}) {
            assertInvalidArgument(() -> pool.transaction(tx -> tx.set(block, offset, 1)));
        }
    }

    @Test
    void a_word_set_several_times_ends_with_the_last_value() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        setWord(pool, block, 16, 5);
        pool.transaction(tx -> {
            tx.set(block, 16, 6);
            tx.set(block, 16, 7);
        });
        assertThat(word(pool, block, 16)).isEqualTo(7);
        assertThatThrownBy(() -> pool.transaction(tx -> {
                    tx.set(block, 16, 8);
                    tx.set(block, 16, 9);
                    throw new IllegalStateException("body gave up");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(word(pool, block, 16)).isEqualTo(7);
    }

    @Test
    void words_of_blocks_allocated_in_the_same_transaction_can_be_set() {
        Pool pool = newPool();
        List<Long> chain = new ArrayList<>();
        pool.transaction(tx -> {
            for (int i = 0; i < 5; i++) {
                long node = tx.allocate(32);
                tx.set(node, 0, chain.isEmpty() ? 0 : chain.get(i - 1));
                tx.set(node, 8, i);
                chain.add(node);
            }
        });
        for (int i = 1; i < 5; i++) {
            assertThat(word(pool, chain.get(i), 0)).isEqualTo(chain.get(i - 1));
            assertThat(word(pool, chain.get(i), 8)).isEqualTo(i);
        }
    }

    // "valid only while the body runs"
    @Test
    void a_transaction_kept_after_its_body_is_refused() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        List<Transaction> kept = new ArrayList<>();
        pool.transaction(kept::add);
        assertThatThrownBy(() -> kept.get(0).allocate(64)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> kept.get(0).free(block)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> kept.get(0).set(block, 0, 1)).isInstanceOf(RuntimeException.class);
        assertThat(Blocks.walk(pool)).containsOnlyKeys(block);
    }
}
