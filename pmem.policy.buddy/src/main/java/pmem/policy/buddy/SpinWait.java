package pmem.policy.buddy;

import java.util.concurrent.locks.LockSupport;

/** Waits for a lock that is held for some dozens of instructions, unless its holder lost its processor. */
final class SpinWait {
    private static final int SPINS = 64;
    private static final long PARK_NANOS = 1_000;

    private int spins;

    /** Waits for a moment. */
    void once() {
        spins++;
        if (spins % SPINS == 0) {
            LockSupport.parkNanos(PARK_NANOS);
        } else {
            Thread.onSpinWait();
        }
    }
}
