package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.Transaction;
import pmem.api.TransactionException;

/** Transactions of several threads that name the same things, or only run at the same time. */
@OnEveryDomain
public abstract class ConflictContract extends ContractTest {
    /** For JUnit. */
    protected ConflictContract() {}

    // "@throws TransactionException if another transaction has named the block"
    @Test
    void a_block_freed_by_a_running_transaction_is_refused_to_others() throws Exception {
        Pool pool = newPool();
        long block = pool.allocate(64);
        whileRunning(pool, tx -> tx.free(block), () -> {
            assertConflict(pool, tx -> tx.free(block));
            assertThatThrownBy(() -> pool.free(block)).isInstanceOf(TransactionException.class);
            assertThat(pool.isLive(block)).isTrue();
        });
        assertThat(pool.isLive(block)).isFalse();
    }

    // "@throws TransactionException if another transaction has named the word"
    @Test
    void a_word_set_by_a_running_transaction_is_refused_to_others_and_its_neighbours_are_not() throws Exception {
        Pool pool = newPool();
        long block = pool.allocate(64);
        TransactionContract.setWord(pool, block, 0, 1);
        TransactionContract.setWord(pool, block, 8, 1);
        whileRunning(pool, tx -> tx.set(block, 0, 2), () -> {
            assertConflict(pool, tx -> tx.set(block, 0, 3));
            pool.transaction(tx -> tx.set(block, 8, 4));
        });
        assertThat(TransactionContract.word(pool, block, 0)).isEqualTo(2);
        assertThat(TransactionContract.word(pool, block, 8)).isEqualTo(4);
    }

    // "Blocks named here are refused to other transactions and to Pool.free."
    @Test
    void a_refused_transaction_is_undone_whole_and_succeeds_once_the_other_has_ended() throws Exception {
        Pool pool = newPool();
        long contended = pool.allocate(64);
        long own = pool.allocate(64);
        Consumer<Transaction> body = tx -> {
            tx.free(own);
            tx.allocate(500);
            tx.set(contended, 0, 77);
        };
        whileRunning(pool, tx -> tx.set(contended, 0, 1), () -> {
            assertConflict(pool, body);
            assertThat(Blocks.walk(pool)).containsOnlyKeys(contended, own);
        });
        pool.transaction(body);
        assertThat(pool.isLive(own)).isFalse();
        assertThat(TransactionContract.word(pool, contended, 0)).isEqualTo(77);
    }

    // "@throws TransactionException if the block would have to become another size and a running transaction ... has
    // named it"
    @Test
    void a_block_named_by_a_running_transaction_keeps_its_size() throws Exception {
        Pool pool = newPool();
        long freed = pool.allocate(500_000);
        long changed = pool.allocate(500_000);
        TransactionContract.setWord(pool, changed, 0, 1);
        Consumer<Transaction> body = tx -> {
            tx.free(freed);
            tx.set(changed, 0, 2);
        };
        whileRunning(pool, body, () -> {
            for (long block : new long[] {freed, changed}) {
                long usableBytes = pool.usableBytes(block);
                assertThatCode(() -> pool.reallocate(block, usableBytes)).doesNotThrowAnyException();
                resizeOrRefuse(pool, block, 1000);
                resizeOrRefuse(pool, block, usableBytes + 1);
                assertThat(pool.usableBytes(block)).isEqualTo(usableBytes);
            }
        });
        assertThat(pool.isLive(freed)).isFalse();
        assertThat(pool.reallocate(changed, 1000)).isTrue();
        assertThat(TransactionContract.word(pool, changed, 0)).isEqualTo(2);
    }

    // A policy whose blocks of this size always keep it refuses nothing.
    private static void resizeOrRefuse(Pool pool, long block, long bytes) {
        try {
            pool.reallocate(block, bytes);
        } catch (TransactionException refused) {
            assertThat(refused).hasMessageContaining("nothing was changed");
        }
    }

    @Test
    void a_block_named_by_a_transaction_that_was_undone_is_free_for_others() {
        Pool pool = newPool();
        long block = pool.allocate(64);
        for (int round = 0; round < 10; round++) {
            assertThatThrownBy(() -> pool.transaction(tx -> {
                        tx.set(block, 0, 1);
                        throw new IllegalStateException("body gave up");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }
        pool.transaction(tx -> tx.set(block, 0, 2));
        pool.transaction(tx -> tx.free(block));
        Blocks.assertStatistics(pool, 0, 0);
    }

    // Naming both words first keeps others off them; what is read then is what the transaction may build on.
    @Test
    void the_sum_of_words_is_kept_by_transfers_of_many_threads() {
        withRandom(random -> {
            Pool pool = newPool();
            int accounts = 4;
            long ledger = pool.allocate(8L * accounts);
            for (int account = 0; account < accounts; account++) {
                TransactionContract.setWord(pool, ledger, 8L * account, 100);
            }
            long seed = random.nextLong();
            Crew.run(4, index -> transfers(pool, ledger, accounts, new Random(seed + index)));
            long sum = 0;
            for (int account = 0; account < accounts; account++) {
                sum += TransactionContract.word(pool, ledger, 8L * account);
            }
            assertThat(sum).isEqualTo(100L * accounts);
        });
    }

    private static int transfers(Pool pool, long ledger, int accounts, Random random) {
        int committed = 0;
        int refused = 0;
        while (committed < 100) {
            long from = 8L * random.nextInt(accounts);
            long to = (from + 8 + 8L * random.nextInt(accounts - 1)) % (8L * accounts);
            long amount = random.nextInt(10);
            if (Refusals.succeeds(() -> pool.transaction(tx -> transfer(tx, ledger, from, to, amount)))) {
                committed++;
            } else {
                refused++;
                Thread.onSpinWait();
            }
        }
        return refused;
    }

    private static void transfer(Transaction tx, long ledger, long from, long to, long amount) {
        tx.set(ledger, from, 0);
        tx.set(ledger, to, 0);
        tx.free(tx.allocate(100));
        tx.set(ledger, from, tx.segment(ledger).get(TransactionContract.WORD, from) - amount);
        tx.set(ledger, to, tx.segment(ledger).get(TransactionContract.WORD, to) + amount);
    }

    @Test
    void of_many_threads_that_free_one_block_in_different_ways_exactly_one_succeeds() throws Exception {
        Pool pool = newPool();
        for (int round = 0; round < 150; round++) {
            long block = pool.allocate(200);
            List<Boolean> done = Crew.run(
                    3,
                    index -> Refusals.succeeds(() -> {
                        switch (index) {
                            case 0 -> pool.free(block);
                            case 1 -> pool.freeAll(block);
                            default -> pool.transaction(tx -> tx.free(block));
                        }
                    }));
            assertThat(pool.isLive(block)).as("round %d", round).isFalse();
            assertThat(done).as("round %d", round).containsOnlyOnce(true);
        }
    }

    // "Sets how many logged operations can run at once"
    @Test
    void more_transactions_than_lanes_all_come_to_their_turn() throws Exception {
        Pool pool = home().create(options().lanes(1));
        Crew.run(6, index -> {
            for (int round = 0; round < 50; round++) {
                pool.transaction(tx -> tx.allocate(64));
            }
            return index;
        });
        assertThat(pool.stats().liveBlocks()).isEqualTo(300);
    }

    @Test
    void transactions_of_many_threads_that_run_out_of_room_leave_no_block_behind() throws Exception {
        Pool pool = newPool();
        long bytes = pool.stats().largestFreeBytes() / 7;
        Crew.run(4, index -> {
            for (int round = 0; round < 30; round++) {
                try {
                    pool.transaction(tx -> {
                        long first = tx.allocate(bytes);
                        long second = tx.allocate(bytes);
                        tx.free(first);
                        tx.free(second);
                    });
                } catch (OutOfSpaceException full) {
                    assertThat(full).hasMessageContaining(Long.toString(bytes));
                }
            }
            return index;
        });
        Blocks.assertStatistics(pool, 0, 0);
    }

    private static void assertConflict(Pool pool, Consumer<Transaction> body) {
        assertThatThrownBy(() -> pool.transaction(body)).isInstanceOf(TransactionException.class);
    }

    // The second thread runs to its end inside the first one's body, so the order is the same in every run.
    private static void whileRunning(Pool pool, Consumer<Transaction> first, Runnable second) {
        pool.transaction(tx -> {
            first.accept(tx);
            try {
                Crew.run(1, index -> {
                    second.run();
                    return index;
                });
            } catch (Exception failure) {
                throw new AssertionError(failure);
            }
        });
    }
}
