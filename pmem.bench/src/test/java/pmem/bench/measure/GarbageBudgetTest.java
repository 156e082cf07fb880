package pmem.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.DurabilityDomain;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolOptions;
import pmem.spi.Providers;

/** Calls on an access, and on the pool with its blocks, make no objects once all is compiled; what makes an arena or a slab now and then does. */
class GarbageBudgetTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS_MAX = 4000;
    private static final int CALLS_IN_ROUND = 1000;
    /** Less than a byte a call: no object is smaller than 16, so 15 calls of 16 make none. */
    private static final long STRAY_BYTES = CALLS_IN_ROUND;

    private static final long CAPACITY_BYTES = 32L << 20;
    private static final long SMALL_BYTES = 100;
    private static final long MEDIUM_BYTES = 4000;
    private static final long LONGER_BYTES = 9000;
    private static final long LARGE_BYTES = 100_000;

    /** What a round does again and again; each leaves the pool as it was. */
    enum Call {
        ALLOCATE_AND_FREE_SMALL {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                access.free(access.allocate(SMALL_BYTES));
            }
        },
        ALLOCATE_AND_FREE_MEDIUM {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                access.free(access.allocate(MEDIUM_BYTES));
            }
        },
        ALLOCATE_AND_FREE_LONGER {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                access.free(access.allocate(LONGER_BYTES));
            }
        },
        ALLOCATE_AND_FREE_LARGE {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                access.free(access.allocate(LARGE_BYTES));
            }
        },
        PUBLISH {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                long handle = access.reserve(SMALL_BYTES);
                pool.publish(handle);
                access.free(handle);
            }
        },
        CANCEL {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                pool.cancel(access.reserve(SMALL_BYTES));
            }
        },
        PUBLISH_TO_AND_UNLINK {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                long handle = access.reserve(SMALL_BYTES);
                pool.publishTo(slot, Handles.NONE, handle);
                pool.unlinkAndFree(slot, handle, Handles.NONE);
            }
        },
        REPLACE {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                long first = access.reserve(SMALL_BYTES);
                pool.publishTo(slot, Handles.NONE, first);
                long second = access.reserve(SMALL_BYTES);
                pool.replace(slot, first, second);
                pool.unlinkAndFree(slot, second, Handles.NONE);
            }
        },
        REALLOCATE {
            @Override
            void run(Pool pool, PoolAccess access, long slot) {
                long handle = access.allocate(LARGE_BYTES);
                pool.reallocate(handle, LARGE_BYTES / 2);
                pool.reallocate(handle, LARGE_BYTES);
                access.free(handle);
            }
        };

        abstract void run(Pool pool, PoolAccess access, long slot);
    }

    static Stream<Arguments> calls() {
        return Providers.policies().stream()
                .flatMap(policy -> Stream.of(true, false)
                        .flatMap(onFile ->
                                Stream.of(Call.values()).map(call -> Arguments.of(policy.id(), onFile, call))));
    }

    @ParameterizedTest(name = "{0}, on a file: {1}, {2}")
    @MethodSource("calls")
    void a_call_makes_no_objects(String policy, boolean onFile, Call call, @TempDir Path folder) {
        try (Pool pool = newPool(policy, onFile, folder)) {
            long slot = pool.link(pool.allocateZeroed(SMALL_BYTES), 0);
            try (PoolAccess access = pool.access()) {
                assertThat(leastGarbage(pool, access, slot, call))
                        .as("bytes that %d calls made, in the best of %d rounds", CALLS_IN_ROUND, ROUNDS_MAX)
                        .isLessThan(STRAY_BYTES);
            }
        }
    }

    private static Pool newPool(String policy, boolean onFile, Path folder) {
        PoolOptions options = PoolOptions.createNew(CAPACITY_BYTES).policy(policy);
        return onFile
                ? Pool.open(folder.resolve("pool"), options.durability(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE))
                : Pool.openVolatile(options);
    }

    private static long leastGarbage(Pool pool, PoolAccess access, long slot, Call call) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS_MAX && least >= STRAY_BYTES; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS_IN_ROUND; i++) {
                call.run(pool, access, slot);
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
