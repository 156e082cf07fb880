package pmem.spi.extent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import pmem.spi.Region;

/**
 * The lock of what one owner, a thread or a group of them, uses all the time and others now and then. The owner's own threads {@link
 * #enter} and {@link #exit}, others {@link #lock} and {@link #unlock}; it is one of
 *
 * <ul>
 *   <li>shared: both are a lock;
 *   <li>biased to one thread, which enters by a store and a load, without a locked instruction. Whoever else wants in pays for both:
 *       he takes the bias away, makes every thread pass a fence ({@link Region#fenceOthers}), and waits until the one is out. Either he
 *       then sees that it is inside, or it has seen that the bias is gone, and waits for the lock. Those who come after him find the bias
 *       gone and need no fence. The one thread has it back when it has taken the lock so many times with nobody else in between;
 *   <li>exclusive to one thread, which enters for nothing; nobody else may want in.
 * </ul>
 *
 * <p>The technique is that of biased locks with an asymmetric Dekker protocol (Dice, Huang, Yang 2001).
 */
public sealed class OwnerLock {
    private static final int SPINS_MAX = 1000;
    // Who is inside has lost its processor.
    private static final int PARK_NANOS = 1000;
    /** So many locks cost about what a fence of all threads does. */
    private static final int ALONE_MAX = 64;

    private static final VarHandle INSIDE;

    static {
        try {
            INSIDE = MethodHandles.lookup().findVarHandle(OwnerLock.class, "inside", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Region region;
    private final ReentrantLock lock = new ReentrantLock();
    private final boolean ofOneThread;
    private final int aloneMax;

    /** Whether the one thread is inside by its bias; written by it alone. */
    private boolean inside;

    /** Whether the one thread takes the lock like everybody else; written by who has the lock. */
    private volatile boolean unbiased;

    /** How many times in a row the one thread did; by who has the lock. */
    private int alone;

    // Cleared once, by the thread that had the owner to itself, when it gives it up.
    private volatile boolean exclusive;

    private OwnerLock(Region region, boolean ofOneThread, int aloneMax, boolean exclusive) {
        this.region = region;
        this.ofOneThread = ofOneThread;
        this.aloneMax = aloneMax;
        this.exclusive = exclusive;
    }

    /** Alone in its last line, wherever a collector puts it: fields of a subclass stand behind those of its superclass. */
    @SuppressWarnings({"unused", "UnusedVariable"}) // room
    private static final class Apart extends OwnerLock {
        private long room1;
        private long room2;
        private long room3;
        private long room4;
        private long room5;
        private long room6;
        private long room7;
        private long room8;

        Apart(Region region, boolean ofOneThread, int aloneMax, boolean exclusive) {
            super(region, ofOneThread, aloneMax, exclusive);
        }
    }

    /** For an owner that any number of threads call. */
    public static OwnerLock shared(Region region) {
        return new Apart(region, false, 0, false);
    }

    /** For an owner of one thread at a time; a shared one where threads cannot be made to pass a fence. */
    public static OwnerLock ofOneThread(Region region) {
        return ofOneThread(region, ALONE_MAX);
    }

    /**
     * As {@link #ofOneThread(Region)}.
     *
     * @param aloneMax how many times in a row the one thread takes the lock before it need not any more
     */
    public static OwnerLock ofOneThread(Region region, int aloneMax) {
        return new Apart(region, region.fenceOthers(), aloneMax, false);
    }

    /** For an owner that one thread alone calls, until it is {@linkplain #share shared}. */
    public static OwnerLock exclusive(Region region) {
        return new Apart(region, false, 0, true);
    }

    /** Whether nobody but the one thread may have the lock. */
    public boolean isExclusive() {
        return exclusive;
    }

    /** Makes an exclusive lock one for all; by the thread it is exclusive to. */
    public void share() {
        exclusive = false;
    }

    /** By a thread of the owner's own. */
    public void enter() {
        if (ofOneThread) {
            region.step("extent.enter");
            INSIDE.setOpaque(this, true);
            // Keeps the compiler from loading before it has stored; the processor is held to that by who wants in.
            // pairs with: takeBias
            VarHandle.acquireFence();
            region.step("extent.entered");
            if (unbiased) {
                INSIDE.setRelease(this, false);
                region.step("extent.stepped-back");
                lock.lock();
                countAlone();
            }
        } else if (!exclusive) {
            region.step("extent.lock-owner");
            lock.lock();
        }
    }

    // Under the lock: whoever comes in next takes the bias away again, if it is back.
    private void countAlone() {
        if (++alone > aloneMax) {
            alone = 0;
            unbiased = false;
        }
    }

    /** Ends {@link #enter}. */
    public void exit() {
        if (inside) {
            // pairs with: takeBias
            INSIDE.setRelease(this, false);
        } else if (!exclusive) {
            lock.unlock();
        }
    }

    /** By any thread, of an owner that is not exclusive; not by one inside. */
    public void lock() {
        region.step("extent.lock-owner");
        lock.lock();
        alone = 0;
        if (isBiased()) {
            takeBias();
            for (int spin = 0; (boolean) INSIDE.getAcquire(this); spin++) {
                region.step("extent.exit-awaited");
                if (spin < SPINS_MAX) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(this, PARK_NANOS);
                }
            }
        }
    }

    /** As {@link #lock}, if that can be had without waiting. */
    public boolean tryLock() {
        if (!lock.tryLock()) {
            return false;
        }
        alone = 0;
        if (isBiased()) {
            takeBias();
            if ((boolean) INSIDE.getAcquire(this)) {
                unbiased = false;
                lock.unlock();
                return false;
            }
        }
        return true;
    }

    /** Ends {@link #lock} or {@link #tryLock}. */
    public void unlock() {
        lock.unlock();
    }

    private boolean isBiased() {
        return ofOneThread && !unbiased;
    }

    // After this the one thread sees that it has no bias, or is seen inside. pairs with: enter
    private void takeBias() {
        unbiased = true;
        region.step("extent.bias-taken");
        region.fenceOthers();
    }
}
