package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.DurabilityDomain;
import pmem.api.Handles;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolAccess;

/**
 * The last blocks of a segregated pool that is a file, wanted by a thread that enters what is its own without a locked instruction, an
 * access or what the pool keeps for it, and by one that comes from outside, in the memory order of the machine.
 */
class BiasedAccessTest {
    private static final PoolSetting SETTING = new PoolSetting(
            "segregated",
            Map.of("pageBytes", 256L, "slabBytes", 1024L, "maintenanceMillis", 1L),
            DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
    private static final long CAPACITY_BYTES = 64 << 10;
    private static final int FROM_OUTSIDE = 10_000;
    private static final int FREE_BLOCKS = 3;

    /** A block that is allocated twice is told by the pool, which finds its state set. */
    private interface Allocation {
        long allocate(long bytes);
    }

    @ParameterizedTest(name = "blocks of {0} bytes")
    @ValueSource(longs = {64, 5000})
    void no_block_of_an_access_is_given_twice_and_none_is_lost(long bytes) throws Exception {
        try (PoolHome home = new PoolHome(SETTING)) {
            Pool pool = home.create(SETTING.options(CAPACITY_BYTES));
            try (PoolAccess own = pool.access()) {
                contend(pool, own::allocate, own::free, bytes);
            }
        }
    }

    @ParameterizedTest(name = "blocks of {0} bytes")
    @ValueSource(longs = {64, 5000})
    void no_block_of_a_thread_without_an_access_is_given_twice_and_none_is_lost(long bytes) throws Exception {
        try (PoolHome home = new PoolHome(SETTING)) {
            Pool pool = home.create(SETTING.options(CAPACITY_BYTES));
            contend(pool, pool::allocate, pool::free, bytes);
        }
    }

    /** One thread has all slabs and works in its own way, the other finds room in them only. */
    private static void contend(Pool pool, Allocation own, LongConsumer free, long bytes) throws Exception {
        CountDownLatch filled = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        List<Long> got = Crew.run(2, index -> {
            try {
                if (index == 0) {
                    fill(own, bytes).subList(0, FREE_BLOCKS).forEach(free::accept);
                    filled.countDown();
                    return allocateUntil(ended, own, free, bytes);
                }
                filled.await();
                return allocateFromOutside(pool, bytes);
            } finally {
                filled.countDown();
                ended.set(true);
            }
        });
        assertThat(got).as("allocations of each thread").allMatch(times -> times > 0);
        assertThat(pool.verify()).isEmpty();
        assertThat(fill(own, bytes)).hasSize(FREE_BLOCKS);
    }

    private static List<Long> fill(Allocation own, long bytes) {
        List<Long> handles = new ArrayList<>();
        for (long handle = orNone(own, bytes); handle != Handles.NONE; ) {
            handles.add(handle);
            handle = orNone(own, bytes);
        }
        return handles;
    }

    private static long allocateUntil(AtomicBoolean ended, Allocation own, LongConsumer free, long bytes) {
        long times = 0;
        while (!ended.get()) {
            long handle = orNone(own, bytes);
            if (handle != Handles.NONE) {
                times++;
                free.accept(handle);
            }
        }
        return times;
    }

    private static long allocateFromOutside(Pool pool, long bytes) {
        long times = 0;
        for (int i = 0; i < FROM_OUTSIDE; i++) {
            long handle = orNone(pool::allocate, bytes);
            if (handle != Handles.NONE) {
                times++;
                pool.free(handle);
            }
        }
        return times;
    }

    private static long orNone(Allocation from, long bytes) {
        try {
            return from.allocate(bytes);
        } catch (OutOfSpaceException full) {
            return Handles.NONE;
        }
    }
}
