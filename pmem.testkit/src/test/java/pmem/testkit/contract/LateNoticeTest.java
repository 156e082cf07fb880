package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolAccess;

/**
 * Blocks of one access freed through another one while their owner collects, in the memory order of the machine: none stays unknown to its
 * owner behind the next free. Nobody else looks: there is no maintainer, and room is never short.
 */
class LateNoticeTest {
    private static final PoolSetting SETTING = new PoolSetting(
            "segregated",
            Map.of("pageBytes", 1024L, "slabBytes", 1024L, "headerColours", 1L, "growth", 0L, "maintenanceMillis", 0L),
            // With a real fence, behind which the store of a free waits for the line on its way.
            PoolDirectories.mainDomains().contains(DurabilityDomain.FORCED_CACHE_LINE)
                    ? DurabilityDomain.FORCED_CACHE_LINE
                    : DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
    private static final long CAPACITY_BYTES = 1 << 20;
    private static final long BLOCK_BYTES = 128;
    private static final int SLAB_BLOCKS = 15;
    private static final int BLOCKS = 3 * SLAB_BLOCKS;
    private static final int ROUNDS = 1000;
    private static final int OFFSETS = 16;
    private static final int SPINS_MAX = 10_000;
    private static final int PARK_NANOS = 1000;

    private final long[] blocks = new long[BLOCKS];
    private final AtomicInteger met = new AtomicInteger();
    private volatile boolean ended;

    @Test
    void the_next_free_tells_the_owner_of_every_block_before() throws Exception {
        try (PoolHome home = new PoolHome(SETTING)) {
            Pool pool = home.create(SETTING.options(CAPACITY_BYTES));
            try (PoolAccess own = pool.access();
                    PoolAccess other = pool.access()) {
                List<Integer> collectedBeside = Crew.run(2, index -> index == 0 ? allocate(own) : free(other));
                assertThat(collectedBeside.get(0))
                        .as("rounds in which the owner collected beside the frees")
                        .isPositive();
                assertThat(pool.verify()).isEmpty();
            }
        }
    }

    private int allocate(PoolAccess own) {
        try {
            return allocateRounds(own);
        } finally {
            ended = true;
        }
    }

    private int allocateRounds(PoolAccess own) {
        int collectedBeside = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Arrays.setAll(blocks, i -> own.allocate(BLOCK_BYTES));
            Set<Long> known = new HashSet<>();
            Set<Long> live = new HashSet<>();
            for (int i = 0; i < BLOCKS; i++) {
                known.add(blocks[i]);
                if (i > 1 && i != SLAB_BLOCKS) {
                    live.add(blocks[i]);
                }
            }
            meet();
            meet();
            // All slabs are full, but for what the other one frees: this collects it.
            live.add(own.allocate(BLOCK_BYTES));
            collectedBeside += known.containsAll(live) ? 1 : 0;
            meet();
            while (live.size() < BLOCKS) {
                live.add(own.allocate(BLOCK_BYTES));
            }
            assertThat(known)
                    .as("blocks of the slabs there were, round %d", round)
                    .isEqualTo(live);
            live.forEach(own::free);
        }
        return collectedBeside;
    }

    private int free(PoolAccess other) {
        for (int round = 0; round < ROUNDS && !ended; round++) {
            meet();
            other.free(blocks[0]);
            meet();
            // The owner comes now earlier, now later.
            for (int i = 0; i < round % OFFSETS; i++) {
                Thread.onSpinWait();
            }
            other.free(blocks[1]);
            // Of another slab.
            other.free(blocks[SLAB_BLOCKS]);
            meet();
        }
        return 0;
    }

    /** Returns when both are there. */
    private void meet() {
        int both = (met.getAndIncrement() / 2 + 1) * 2;
        for (int spin = 0; met.get() < both && !ended; spin++) {
            if (spin < SPINS_MAX) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, PARK_NANOS);
            }
        }
    }
}
