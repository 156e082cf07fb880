package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.TransactionException;
import pmem.spi.HeapRegion;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;

/**
 * Two threads that resize, free or name one block at the same time, which is an error of the program, in every order of their steps
 * with up to two switches: each call is done or refused, and the pool stays whole.
 */
class ReallocationRacesTest {
    private static final int CAPACITY_BYTES = 1 << 20;
    private static final long BLOCK_BYTES = 64 << 10;
    private static final int SWITCHES_MAX = 2;

    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    @AfterEach
    void stopThreads() {
        executor.close();
    }

    static List<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    /** A call on the block; says whether it was done. */
    private interface Call {
        boolean on(Pool pool, long handle);
    }

    private static boolean isDone(long handle, LongConsumer call) {
        try {
            call.accept(handle);
            return true;
        } catch (InvalidHandleException | TransactionException refused) {
            assertThat(refused).hasMessageContaining(Handles.format(handle));
            return false;
        }
    }

    private static final Call FREE = (pool, handle) -> isDone(handle, pool::free);
    private static final Call FREE_IN_TRANSACTION =
            (pool, handle) -> isDone(handle, block -> pool.transaction(tx -> tx.free(block)));
    private static final Call UNLINK =
            (pool, handle) -> isDone(handle, block -> pool.unlinkAndFree(pool.rootSlot("block"), block, Handles.NONE));
    private static final Call LENGTHEN =
            (pool, handle) -> isDone(handle, block -> pool.reallocate(block, 2 * BLOCK_BYTES));
    private static final Call SHORTEN =
            (pool, handle) -> isDone(handle, block -> pool.reallocate(block, BLOCK_BYTES / 2));

    /** Runs two calls on one block in every order; of those that free it exactly one, or none if both are refused, is done. */
    private void race(String policy, Call first, Call second, boolean secondFrees) {
        new PreemptionSearch(2, SWITCHES_MAX, () -> false).run(schedule -> {
            Interleaver interleaver = new Interleaver(schedule, 2);
            ScheduledRegion region = new ScheduledRegion(new HeapRegion(CAPACITY_BYTES), interleaver::step);
            PoolOptions options =
                    PoolOptions.create(CAPACITY_BYTES).policy(policy).lanes(2);
            try (Pool pool = Providers.only(PoolProvider.class).openOn(region, options)) {
                long handle = pool.reserve(BLOCK_BYTES);
                pool.publishTo(pool.rootSlot("block"), handle);
                boolean[] done = new boolean[2];
                interleaver.run(
                        executor, () -> done[0] = first.on(pool, handle), () -> done[1] = second.on(pool, handle));
                int steps = interleaver.steps();
                try {
                    requireWhole(pool, handle, secondFrees && done[1]);
                } catch (AssertionError wrong) {
                    throw new AssertionError(policy + ", " + schedule, wrong);
                }
                return steps;
            }
        });
    }

    private static void requireWhole(Pool pool, long handle, boolean freed) {
        assertThat(pool.isLive(handle)).isEqualTo(!freed);
        Map<Long, Long> found = new HashMap<>();
        pool.forEachBlock(found::put);
        assertThat(found.keySet()).isEqualTo(freed ? Set.of() : Set.of(handle));
        assertThat(pool.stats().liveBlocks()).isEqualTo(found.size());
        assertThat(pool.stats().liveBytes())
                .isEqualTo(found.values().stream().mapToLong(Long::longValue).sum());
        assertThat(pool.verify().stream().filter(finding -> !finding.code().equals(Finding.DANGLING_ROOT)))
                .isEmpty();
        if (!freed) {
            pool.free(handle);
        }
        requireAllFree(pool);
    }

    private static void requireAllFree(Pool pool) {
        assertThat(pool.stats().liveBytes()).isZero();
        try {
            while (true) {
                pool.allocate(BLOCK_BYTES);
            }
        } catch (OutOfSpaceException full) {
            assertThat(pool.stats().liveBlocks()).isGreaterThanOrEqualTo(CAPACITY_BYTES / BLOCK_BYTES / 2);
            assertThat(pool.verify().stream().filter(finding -> !finding.code().equals(Finding.DANGLING_ROOT)))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_free_beside_a_call_that_makes_the_block_longer(String policy) {
        race(policy, LENGTHEN, FREE, true);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_free_beside_a_call_that_makes_the_block_shorter(String policy) {
        race(policy, SHORTEN, FREE, true);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_transaction_that_frees_the_block_beside_a_call_that_makes_it_shorter(String policy) {
        race(policy, SHORTEN, FREE_IN_TRANSACTION, true);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_call_that_unlinks_and_frees_the_block_beside_one_that_makes_it_longer(String policy) {
        race(policy, LENGTHEN, UNLINK, true);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_call_that_makes_the_block_shorter_beside_one_that_makes_it_longer(String policy) {
        race(policy, SHORTEN, LENGTHEN, false);
    }
}
