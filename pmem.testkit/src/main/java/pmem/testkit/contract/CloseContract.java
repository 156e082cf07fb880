package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import pmem.api.Pool;
import pmem.api.PoolClosedException;
import pmem.api.RecoveryReport;
import pmem.api.Transaction;

/** Closing a pool, once and twice, alone and beside threads that use it. */
@OnEveryDomain
public abstract class CloseContract extends ContractTest {
    private static final int THREADS = 3;

    /** For JUnit. */
    protected CloseContract() {}

    // "A second call does nothing."
    @Test
    void closing_again_does_nothing() throws Exception {
        Pool pool = newPool();
        pool.allocate(64);
        pool.close();
        pool.close();
        Pool raced = newPool();
        Crew.run(THREADS, index -> {
            raced.close();
            return index;
        });
    }

    // "Every method throws PoolClosedException after close()"
    @Test
    void every_method_says_that_the_pool_is_closed() {
        Pool pool = newPool();
        long live = pool.allocate(64);
        long reserved = pool.reserve(64);
        pool.close();
        methods(live, reserved)
                .forEach((name, call) ->
                        assertThatThrownBy(() -> call.accept(pool)).as(name).isInstanceOf(PoolClosedException.class));
    }

    private static Map<String, Consumer<Pool>> methods(long live, long reserved) {
        Map<String, Consumer<Pool>> methods = new LinkedHashMap<>();
        methods.put("allocate", pool -> pool.allocate(8));
        methods.put("allocate aligned", pool -> pool.allocate(8, 64));
        methods.put("allocateZeroed", pool -> pool.allocateZeroed(8));
        methods.put("allocateAll", pool -> pool.allocateAll(8, 8));
        methods.put("free", pool -> pool.free(live));
        methods.put("freeAll", pool -> pool.freeAll(live));
        methods.put("reserve", pool -> pool.reserve(8));
        methods.put("publish", pool -> pool.publish(reserved));
        methods.put("cancel", pool -> pool.cancel(reserved));
        methods.put("reallocate", pool -> pool.reallocate(live, 8));
        methods.put("segment", pool -> pool.segment(live));
        methods.put("usableBytes", pool -> pool.usableBytes(live));
        methods.put("persist", pool -> pool.persist(live, 0, 8));
        methods.put("writeBack", pool -> pool.writeBack(live, 0, 8));
        methods.put("fence", Pool::fence);
        methods.put("grow", pool -> pool.grow(1));
        methods.put("shrink", pool -> pool.shrink(Long.MAX_VALUE));
        methods.put("trim", Pool::trim);
        methods.put("maxCapacityBytes", Pool::maxCapacityBytes);
        methods.put("minCapacityBytes", Pool::minCapacityBytes);
        methods.put("transaction", pool -> pool.transaction(tx -> {}));
        methods.put("root", pool -> pool.root("r"));
        methods.put("setRoot", pool -> pool.setRoot("r", live));
        methods.put("roots", Pool::roots);
        methods.put("forEachBlock", pool -> pool.forEachBlock((handle, usableBytes) -> {}));
        methods.put("stats", Pool::stats);
        methods.put("usedBytes", Pool::usedBytes);
        methods.put("durability", Pool::durability);
        methods.put("recovery", Pool::recovery);
        methods.put("policy", Pool::policy);
        methods.put("verify", Pool::verify);
        return methods;
    }

    // "Never throws for any value", and every method throws after close: either is a clear answer, but never yes.
    @Test
    void no_block_of_a_closed_pool_is_live() {
        Pool pool = newPool();
        long live = pool.allocate(64);
        pool.close();
        try {
            assertThat(pool.isLive(live)).isFalse();
        } catch (PoolClosedException closed) {
            assertThat(closed).hasMessageContaining("closed");
        }
    }

    // "Calls of other threads that are under way complete or throw PoolClosedException; none touches an unmapped page."
    @Test
    void closing_beside_working_threads_lets_each_call_complete_or_say_closed() throws Exception {
        for (int round = 0; round < 10; round++) {
            Pool pool = newPool();
            AtomicInteger working = new AtomicInteger();
            List<Acknowledged> results = Crew.run(THREADS + 1, index -> {
                Acknowledged own = new Acknowledged();
                if (index < THREADS) {
                    own.workUntilClosed(pool, working);
                } else {
                    while (working.get() < 50 * THREADS) {
                        Thread.onSpinWait();
                    }
                    pool.close();
                }
                return own;
            });
            if (!setting.isVolatile()) {
                checkAfterwards(home().open(home().path(pool)), results);
            }
        }
    }

    private static void checkAfterwards(Pool again, List<Acknowledged> results) {
        assertThat(again.recovery().state()).isEqualTo(RecoveryReport.State.CLEAN);
        Set<Long> found = new TreeSet<>(Blocks.walk(again).keySet());
        List<Long> required = new ArrayList<>();
        int undecided = 0;
        for (Acknowledged result : results) {
            required.addAll(result.live);
            undecided += result.undecided;
        }
        assertThat(found).containsAll(required);
        assertThat(found.size()).isBetween(required.size(), required.size() + undecided);
        Blocks.assertWhole(again);
        again.close();
    }

    /** What one thread knows to be live when the pool said closed, and how many blocks its last call left undecided. */
    private static final class Acknowledged {
        private final List<Long> live = new ArrayList<>();
        private int undecided;

        void workUntilClosed(Pool pool, AtomicInteger working) {
            try {
                for (long step = 0; ; step++) {
                    workOnce(pool, (int) (step % 6));
                    working.incrementAndGet();
                }
            } catch (PoolClosedException closed) {
                assertThat(closed).hasMessageContaining("closed");
            }
        }

        private void workOnce(Pool pool, int kind) {
            undecided = 3;
            switch (kind) {
                case 0, 1 -> live.add(pool.allocate(100 + 400L * kind));
                case 2 -> {
                    for (long handle : pool.allocateAll(64, 5000)) {
                        live.add(handle);
                    }
                }
                case 3 -> pool.free(live.remove(0));
                case 4 -> inTransaction(pool);
                default -> {
                    long[] three = {live.remove(0), live.remove(0), live.remove(0)};
                    pool.freeAll(three);
                }
            }
            undecided = 0;
        }

        private void inTransaction(Pool pool) {
            long freed = live.remove(0);
            long[] made = new long[1];
            pool.transaction(tx -> {
                tx.free(freed);
                made[0] = tx.allocate(300);
            });
            live.add(made[0]);
        }
    }

    @Test
    void closing_inside_another_threads_transaction_decides_it_wholly() throws Exception {
        Pool pool = newPool();
        long kept = pool.allocate(64);
        AtomicInteger inside = new AtomicInteger();
        List<Boolean> committed = Crew.run(2, index -> {
            if (index == 0) {
                return Boolean.valueOf(commits(pool, kept, inside));
            }
            while (inside.get() == 0) {
                Thread.onSpinWait();
            }
            pool.close();
            return Boolean.FALSE;
        });
        if (!setting.isVolatile()) {
            Pool again = home().open(home().path(pool));
            Blocks.assertWhole(again);
            if (committed.get(0)) {
                assertThat(again.isLive(kept)).isFalse();
            }
            assertThat(again.stats().liveBlocks()).isEqualTo(1);
        }
    }

    private static boolean commits(Pool pool, long kept, AtomicInteger inside) {
        Consumer<Transaction> body = tx -> {
            tx.free(kept);
            inside.set(1);
            tx.allocate(500);
        };
        try {
            pool.transaction(body);
            return true;
        } catch (PoolClosedException closed) {
            return false;
        }
    }

    @Test
    void a_block_reserved_and_never_published_does_not_hinder_closing() {
        Pool pool = newPool();
        for (long bytes : new long[] {64, 5000, 400_000}) {
            pool.reserve(bytes);
        }
        pool.close();
        assertThatThrownBy(pool::stats).isInstanceOf(PoolClosedException.class);
    }
}
