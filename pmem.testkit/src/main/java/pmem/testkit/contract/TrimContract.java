package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.Size;

/** A pool that gives the storage of its free space back to the system. */
@OnEveryDomain
@ManyFences
public abstract class TrimContract extends ContractTest {
    private static final long CAPACITY_BYTES = Size.mib(32);
    private static final long BLOCK_BYTES = 50_000;
    private static final int ROUNDS = 30;

    /** For JUnit. */
    protected TrimContract() {}

    private Pool newTrimmablePool() {
        return home().create(setting.options(CAPACITY_BYTES).preallocate(false));
    }

    // "Gives the storage of free space back to the system"; "Storage comes again as it is needed."
    @Test
    void free_space_goes_back_to_the_system_and_comes_again() {
        Pool pool = newTrimmablePool();
        List<Long> handles = Blocks.fillStamped(pool, BLOCK_BYTES);
        List<Long> kept = new ArrayList<>(handles.subList(0, 5));
        List<Long> freed = handles.subList(5, handles.size());
        Blocks.freeAll(pool, freed);
        long used = pool.usedBytes();
        assertThat(pool.trim()).isGreaterThan(freed.size() * BLOCK_BYTES / 2);
        assertThat(pool.usedBytes()).isLessThanOrEqualTo(used);
        Blocks.assertStamped(pool, kept, BLOCK_BYTES);
        List<Long> again = Blocks.fillStamped(pool, BLOCK_BYTES);
        assertThat(again).hasSizeGreaterThanOrEqualTo(freed.size());
        Blocks.assertStamped(pool, again, BLOCK_BYTES);
        Blocks.assertStamped(pool, kept, BLOCK_BYTES);
    }

    @Test
    void a_full_pool_and_a_preallocated_one_give_nothing_back() {
        Pool pool = newTrimmablePool();
        List<Long> handles = Blocks.fillStamped(pool, BLOCK_BYTES);
        pool.trim();
        Blocks.assertStamped(pool, handles, BLOCK_BYTES);
        if (!setting.isVolatile()) {
            Pool preallocated = newPool();
            preallocated.free(preallocated.allocate(Size.mib(2)));
            assertThat(preallocated.trim()).isZero();
        }
    }

    @Test
    void what_an_earlier_process_left_in_free_space_goes_back_too() {
        if (setting.isVolatile()) {
            return;
        }
        Pool pool = newTrimmablePool();
        List<Long> handles = Blocks.fillStamped(pool, BLOCK_BYTES);
        List<Long> kept = new ArrayList<>(handles.subList(0, 3));
        Blocks.freeAll(pool, handles.subList(3, handles.size()));
        Pool again = home().reopen(pool);
        assertThat(again.trim()).isGreaterThan(Size.mib(8));
        assertThat(again.trim()).isZero();
        Blocks.assertStamped(again, kept, BLOCK_BYTES);
        Pool crashed = home().openAsAfterCrash(again);
        Blocks.assertStamped(crashed, kept, BLOCK_BYTES);
        Blocks.assertStamped(crashed, Blocks.fillStamped(crashed, BLOCK_BYTES), BLOCK_BYTES);
    }

    // "Others may use the pool meanwhile"
    @Test
    void threads_that_allocate_and_free_never_lose_a_byte_to_one_that_trims() throws Exception {
        Pool pool = newTrimmablePool();
        AtomicBoolean trimming = new AtomicBoolean(true);
        Crew.run(3, index -> {
            if (index == 0) {
                for (int round = 0; round < ROUNDS; round++) {
                    pool.trim();
                }
                trimming.set(false);
                return 0;
            }
            while (trimming.get()) {
                churn(pool);
            }
            return 0;
        });
        assertThat(Blocks.walk(pool)).isEmpty();
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
}
