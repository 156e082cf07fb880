package pmem.recovery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Locks by number, for sections of at most some fences' length. Not reentrant, not fair. A lock is one word in a line of its own:
 * taken by a compare-and-set, given back by a plain store, where a {@link java.util.concurrent.locks.ReentrantLock} needs a second
 * locked instruction to look for threads that sleep. Beside a fence that is more than its own time: a locked instruction
 * waits until what was written back before it is on media.
 *
 * <p>Who finds a lock taken looks again for about a microsecond and then sleeps a moment between looks.
 */
final class SpinLocks {
    private static final int LINE_INTS = 16;
    private static final int SPINS_MAX = 128;
    private static final int PARK_NANOS = 20_000;
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);

    // Fibonacci hashing (Knuth): keys are offsets, whose low bits are mostly equal.
    static final long HASH_FACTOR = 0x9E3779B97F4A7C15L;

    private final int[] taken;

    SpinLocks(int count) {
        taken = new int[count * LINE_INTS];
    }

    /** The lock of a key among {@code 2^bits}. */
    static int indexOf(long key, int bits) {
        return (int) ((key * HASH_FACTOR) >>> (Long.SIZE - bits));
    }

    /** Number of locks. */
    int count() {
        return taken.length / LINE_INTS;
    }

    /** Takes a lock, waiting while another thread has it; for a section without steps, see {@link pmem.spi.Region#step}. */
    void lock(int index) {
        for (int looks = 0; !tryLock(index); looks++) {
            pause(looks);
        }
    }

    /** Takes a lock if nobody has it. */
    boolean tryLock(int index) {
        // Looked at first: a compare-and-set that fails takes the line away from who has the lock.
        int at = index * LINE_INTS;
        return (int) WORD.getOpaque(taken, at) == 0 && WORD.compareAndSet(taken, at, 0, 1);
    }

    /** Gives a lock back; what was done before happens before what the next one does who takes it. */
    void unlock(int index) {
        WORD.setRelease(taken, index * LINE_INTS, 0);
    }

    /** Waits a moment between two looks, longer once there were many; so that whoever is waited for gets a processor, or a carrier. */
    static void pause(int looks) {
        if (looks < SPINS_MAX) {
            Thread.onSpinWait();
            return;
        }
        // With an interrupt pending it would not sleep, and a virtual thread would keep its carrier.
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(PARK_NANOS);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
