package pmem.testkit.contract;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import pmem.spi.Region;
import pmem.spi.extent.OwnerLock;

/**
 * The one thread of an {@link OwnerLock}, which enters and leaves without a rest, and another that comes in again and again.
 *
 * <p>What is looked for is the owner inside while its store that says so has not left its processor. So it stores to lines that are in no
 * cache before it enters: its later stores wait behind those, while its loads go ahead.
 */
final class OwnerLockLitmus {
    private static final int LONGS_PER_LINE = 8;
    /** More than caches hold. */
    private static final int FAR_LINES = 1 << 20;

    private static final int FAR_STORES = 4;
    /** Longer than the owner's stores wait. */
    private static final int STAY_SPINS = 100;

    private static final int SPINS_MAX = 1000;
    private static final int PARK_NANOS = 1000;
    /** Enough to be compiled: interpreted code is slower than any store. */
    private static final long FIRST_PASSES = 20_000;

    private static final long OWNER = 1;
    private static final long INTRUDER = 2;
    private static final long NOBODY = 0;
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
    /** Places in {@link #shared}, each alone in its line. */
    private static final int INSIDE = 2 * LONGS_PER_LINE;

    private static final int PASSES = 4 * LONGS_PER_LINE;
    private static final int ENDED = 6 * LONGS_PER_LINE;

    private final OwnerLock lock;
    private final int rounds;
    /** Without order, so that nothing but the lock gives any. */
    private final long[] shared = new long[8 * LONGS_PER_LINE];

    private final long[] far;

    private OwnerLockLitmus(Region region, int rounds, long[] far) {
        // Biased again as soon as it can be.
        lock = OwnerLock.ofOneThread(region, 0);
        this.rounds = rounds;
        this.far = far;
    }

    /** Memory for {@link #breaks}. */
    static long[] farLines() {
        return new long[FAR_LINES * LONGS_PER_LINE];
    }

    /**
     * Lets the other one come in so many times, or until one of the two finds that it is not alone.
     *
     * @param far {@link #farLines}
     * @return whether that happened
     */
    static boolean breaks(Region region, int rounds, long[] far) throws Exception {
        OwnerLockLitmus litmus = new OwnerLockLitmus(region, rounds, far);
        try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
            Callable<Integer> owner = litmus::own;
            Callable<Integer> intruder = litmus::intrude;
            Future<Integer> ofOwner = executor.submit(owner);
            return executor.submit(intruder).get() + ofOwner.get() > 0;
        }
    }

    private int own() {
        int violations = 0;
        int line = 0;
        for (long pass = 1; look(ENDED) == 0; pass++) {
            for (int i = 0; i < FAR_STORES; i++) {
                // A full period, in an order that no processor foresees.
                line = (line * 5 + 12_345) & (FAR_LINES - 1);
                LONGS.setOpaque(far, line * LONGS_PER_LINE, pass);
            }
            lock.enter();
            violations += stay(OWNER, 0);
            lock.exit();
            put(PASSES, pass);
        }
        return violations;
    }

    private int intrude() {
        int violations = 0;
        awaitPass(FIRST_PASSES);
        for (int round = 0; round < rounds && violations == 0; round++) {
            awaitPass(look(PASSES) + 1);
            // Every other time without waiting, as those do who adopt slabs.
            boolean in = round % 2 == 0 || lock.tryLock();
            if (round % 2 == 0) {
                lock.lock();
            }
            if (in) {
                violations += stay(INTRUDER, STAY_SPINS);
                lock.unlock();
            }
        }
        put(ENDED, 1);
        return violations;
    }

    // So that the owner runs now.
    private void awaitPass(long pass) {
        for (int spin = 0; look(PASSES) < pass; spin++) {
            if (spin < SPINS_MAX) {
                Thread.onSpinWait();
            } else {
                // It has lost its processor.
                LockSupport.parkNanos(this, PARK_NANOS);
            }
        }
    }

    /** What the lock is for: one at a time. */
    private int stay(long who, int spins) {
        boolean alone = look(INSIDE) == NOBODY;
        put(INSIDE, who);
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
        alone &= look(INSIDE) == who;
        put(INSIDE, NOBODY);
        return alone ? 0 : 1;
    }

    private long look(int place) {
        return (long) LONGS.getOpaque(shared, place);
    }

    private void put(int place, long value) {
        LONGS.setOpaque(shared, place, value);
    }
}
