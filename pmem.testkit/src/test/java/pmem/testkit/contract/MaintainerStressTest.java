package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.DurabilityDomain;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolAccess;

/**
 * Threads with and without accesses in a small segregated pool whose maintainer looks every millisecond: between rounds
 * contents, figures and walk are those of the model, and at the end the pool holds what a new one does.
 */
class MaintainerStressTest {
    private static final int THREADS = 3;
    private static final int ROUNDS = 8;
    private static final int STEPS = 4000;
    private static final long FILL_BYTES = 3000;

    private record Held(long handle, long bytes, long stamp) {}

    static List<PoolSetting> settings() {
        List<PoolSetting> settings = new ArrayList<>();
        for (DurabilityDomain domain :
                List.of(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE, DurabilityDomain.VOLATILE)) {
            for (Map<String, Long> parameters : parameters()) {
                Map<String, Long> chosen = new TreeMap<>(parameters);
                chosen.put("maintenanceMillis", 1L);
                settings.add(new PoolSetting("segregated", chosen, domain));
            }
        }
        return settings;
    }

    private static List<Map<String, Long>> parameters() {
        Map<String, Long> givesAll =
                Map.of("slabsWithRoomKept", 0L, "emptyBytesKept", 0L, "giveBackTicks", 1L, "freeBytesKept", 0L);
        Map<String, Long> adopts = Map.of("adoptAfter", 4L);
        return List.of(
                Map.of(),
                adopts,
                Map.of("adoptAfter", 1L, "emptySlabsKept", 0L, "growth", 0L, "slabBytes", 4096L),
                givesAll);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void the_model_holds_though_the_maintainer_never_rests(PoolSetting setting) throws Exception {
        Seeded.run(MaintainerStressTest.class, "", random -> stress(setting, random.nextLong()));
    }

    private static void stress(PoolSetting setting, long seed) throws Exception {
        try (PoolHome home = new PoolHome(setting)) {
            Pool pool = home.create(setting.options().preallocate(false));
            long largestBytes = pool.stats().largestFreeBytes();
            int capacity = fillAndDrain(pool);
            ConcurrentLinkedQueue<Held> passed = new ConcurrentLinkedQueue<>();
            for (int round = 0; round < ROUNDS; round++) {
                long roundSeed = seed + round * 100L;
                List<List<Held>> kept = Crew.run(THREADS, index -> work(pool, index, roundSeed + index, passed));
                kept.forEach(passed::addAll);
                requireModel(pool, passed);
                if (round % 4 == 3) {
                    passed.forEach(held -> checkAndFree(pool, held));
                    passed.clear();
                }
            }
            requireModel(pool, passed);
            pool.free(pool.allocate(largestBytes));
            assertThat(fillAndDrain(pool)).isEqualTo(capacity);
            requireModel(pool, passed);
        }
    }

    private static void requireModel(Pool pool, Iterable<Held> live) {
        List<Long> handles = new ArrayList<>();
        for (Held held : live) {
            Blocks.assertStamped(pool.segment(held.handle), held.bytes, held.bytes, held.stamp);
            handles.add(held.handle);
        }
        assertThat(Blocks.walk(pool).keySet()).isEqualTo(new HashSet<>(handles));
        assertThat(pool.stats().liveBlocks()).isEqualTo(handles.size());
        assertThat(pool.stats().liveBytes())
                .isEqualTo(handles.stream().mapToLong(pool::usableBytes).sum());
        assertThat(pool.verify()).isEmpty();
    }

    private static int fillAndDrain(Pool pool) {
        List<Long> filled = Blocks.fill(pool, FILL_BYTES);
        Blocks.freeAll(pool, filled);
        return filled.size();
    }

    /** One thread's round: the first has no access, the others get a new one each time or use the one they have. */
    private static List<Held> work(Pool pool, int index, long seed, ConcurrentLinkedQueue<Held> passed) {
        Random random = new Random(seed);
        List<Held> own = new ArrayList<>();
        PoolAccess access = pool.access();
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(STEPS / 4) == 0) {
                access.release();
                access = pool.access();
            }
            step(pool, index == 0 ? null : access, random, own, passed, seed * STEPS + step);
        }
        access.release();
        return own;
    }

    private static void step(
            Pool pool,
            @Nullable PoolAccess access,
            Random random,
            List<Held> own,
            ConcurrentLinkedQueue<Held> passed,
            long stamp) {
        int choice = random.nextInt(10);
        if (choice < 5) {
            allocate(pool, access, 1L << random.nextInt(15), stamp, own);
        } else if (choice < 7 && !own.isEmpty()) {
            free(pool, access, own.remove(random.nextInt(own.size())));
        } else if (choice < 9 && !own.isEmpty()) {
            passed.add(own.remove(random.nextInt(own.size())));
        } else {
            Held foreign = passed.poll();
            if (foreign != null) {
                free(pool, access, foreign);
            }
        }
    }

    private static void allocate(Pool pool, @Nullable PoolAccess access, long bytes, long stamp, List<Held> own) {
        try {
            long handle = access == null ? pool.allocate(bytes) : access.allocate(bytes);
            Blocks.stamp(pool.segment(handle), bytes, stamp);
            own.add(new Held(handle, bytes, stamp));
        } catch (OutOfSpaceException full) {
            own.forEach(held -> free(pool, access, held));
            own.clear();
        }
    }

    private static void free(Pool pool, @Nullable PoolAccess access, Held held) {
        Blocks.assertStamped(pool.segment(held.handle), held.bytes, held.bytes, held.stamp);
        if (access == null) {
            pool.free(held.handle);
        } else {
            access.free(held.handle);
        }
    }

    private static void checkAndFree(Pool pool, Held held) {
        free(pool, null, held);
    }
}
