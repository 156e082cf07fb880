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
 *       he says so, makes every thread pass a fence ({@link Region#fenceOthers}), and waits until the one is out. Either he then
 *       sees that it is inside, or it has seen that he wants in, and waits for the lock;
 *   <li>exclusive to one thread, which enters for nothing; nobody else may want in.
 * </ul>
 *
 * <p>The technique is that of biased locks with an asymmetric Dekker protocol (Dice, Huang, Yang 2001).
 */
public final class OwnerLock {
    private static final int SPINS_MAX = 1000;
    // Who is inside has lost its processor.
    private static final int PARK_NANOS = 1000;
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
    private final boolean biased;

    /** Whether the one thread is inside by its bias; written by it alone. */
    private boolean inside;

    /** Whether somebody else has the lock, or waits for the one thread to leave; written by who has the lock. */
    private volatile boolean wanted;

    // Cleared once, by the thread that had the owner to itself, when it gives it up.
    private volatile boolean exclusive;

    private OwnerLock(Region region, boolean biased, boolean exclusive) {
        this.region = region;
        this.biased = biased;
        this.exclusive = exclusive;
    }

    /** For an owner that any number of threads call. */
    public static OwnerLock shared(Region region) {
        return new OwnerLock(region, false, false);
    }

    /** For an owner of one thread at a time; a shared one where threads cannot be made to pass a fence. */
    public static OwnerLock ofOneThread(Region region) {
        return new OwnerLock(region, region.fenceOthers(), false);
    }

    /** For an owner that one thread alone calls, until it is {@linkplain #share shared}. */
    public static OwnerLock exclusive(Region region) {
        return new OwnerLock(region, false, true);
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
        if (biased) {
            region.step("extent.enter");
            INSIDE.setOpaque(this, true);
            // Keeps the compiler from loading before it has stored; the processor is held to that by who wants in.
            // pairs with: keepOut
            VarHandle.acquireFence();
            region.step("extent.entered");
            if (wanted) {
                INSIDE.setRelease(this, false);
                region.step("extent.stepped-back");
                lock.lock();
            }
        } else if (!exclusive) {
            region.step("extent.lock-owner");
            lock.lock();
        }
    }

    /** Ends {@link #enter}. */
    public void exit() {
        if (inside) {
            // pairs with: keepOut
            INSIDE.setRelease(this, false);
        } else if (!exclusive) {
            lock.unlock();
        }
    }

    /** By any thread, of an owner that is not exclusive; not by one inside. */
    public void lock() {
        region.step("extent.lock-owner");
        lock.lock();
        if (biased && lock.getHoldCount() == 1) {
            keepOut();
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
        if (biased && lock.getHoldCount() == 1) {
            keepOut();
            if ((boolean) INSIDE.getAcquire(this)) {
                unlock();
                return false;
            }
        }
        return true;
    }

    /** Ends {@link #lock} or {@link #tryLock}. */
    public void unlock() {
        if (biased && lock.getHoldCount() == 1) {
            wanted = false;
        }
        lock.unlock();
    }

    // After this the one thread sees that it is to stay out, or is seen inside. pairs with: enter
    private void keepOut() {
        wanted = true;
        region.step("extent.wanted");
        region.fenceOthers();
    }
}
