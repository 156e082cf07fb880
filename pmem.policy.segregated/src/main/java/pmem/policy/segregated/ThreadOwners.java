package pmem.policy.segregated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import pmem.spi.Region;

/**
 * Owners of one platform thread each, for the threads that call the pool without an access. A thread is bound to an owner at its
 * first call, and found by its id from then on. When it has ended, the next thread that looks for a place near takes its owner
 * over, with all slabs in it. A thread that finds no place, and every virtual thread, shares an arena instead.
 */
final class ThreadOwners {
    /** A thread's place is at its id or one of the next few, so that those which find none know it soon. */
    private static final int PROBES = 4;

    private static final VarHandle PLACES = MethodHandles.arrayElementVarHandle(Bound[].class);

    /** A thread and its owner; its id is never that of another thread. */
    private record Bound(long threadId, WeakReference<Thread> thread, SlabOwner owner) {
        boolean hasEnded() {
            Thread still = thread.get();
            return still == null || !still.isAlive();
        }
    }

    private final Region region;
    private final @Nullable Bound[] places;
    private final int mask;
    private final int probes;
    private final Supplier<SlabOwner> maker;
    private final ReentrantLock binding = new ReentrantLock();

    /**
     * Binds no thread yet.
     *
     * @param threadsMax how many threads there is a place for, rounded up to a power of two; 0 for none
     * @param maker makes an owner whose own is one thread at a time
     */
    ThreadOwners(Region region, int threadsMax, Supplier<SlabOwner> maker) {
        this.region = region;
        this.maker = maker;
        int count = threadsMax < 2 ? threadsMax : Integer.highestOneBit(threadsMax - 1) << 1;
        // One more where there is none, which stays free and unused: so that a lookup needs no test.
        places = new Bound[Math.max(1, count)];
        mask = places.length - 1;
        probes = Math.min(PROBES, count);
    }

    /** The owner of the calling thread; nothing if it has to share one. */
    @Nullable
    SlabOwner ofThread() {
        Thread thread = Thread.currentThread();
        long id = thread.threadId();
        Bound bound = at((int) id);
        return bound != null && bound.threadId == id ? bound.owner : find(thread);
    }

    private @Nullable Bound at(int place) {
        // pairs with: bindAt
        return (Bound) PLACES.getAcquire(places, place & mask);
    }

    private @Nullable SlabOwner find(Thread thread) {
        if (thread.isVirtual()) {
            return null;
        }
        boolean hasRoom = false;
        for (int i = 0; i < probes; i++) {
            Bound bound = at((int) thread.threadId() + i);
            if (bound != null && bound.threadId == thread.threadId()) {
                return bound.owner;
            }
            hasRoom |= isFree(bound);
        }
        return hasRoom ? bind(thread) : null;
    }

    private static boolean isFree(@Nullable Bound bound) {
        return bound == null || bound.hasEnded();
    }

    private @Nullable SlabOwner bind(Thread thread) {
        region.step("segregated.bind-thread");
        binding.lock();
        try {
            for (int i = 0; i < probes; i++) {
                int place = (int) thread.threadId() + i;
                Bound bound = at(place);
                if (isFree(bound)) {
                    return bindAt(place, thread, bound == null ? maker.get() : bound.owner);
                }
            }
            return null;
        } finally {
            binding.unlock();
        }
    }

    // What a thread did happens before another finds that it is not alive, so the owner needs nothing to change hands;
    // the collector
    // clears a reference to a thread after it ended.
    private SlabOwner bindAt(int place, Thread thread, SlabOwner owner) {
        PLACES.setRelease(places, place & mask, new Bound(thread.threadId(), new WeakReference<>(thread), owner));
        return owner;
    }

    /** Number of places. */
    int places() {
        return places.length;
    }

    /** The owner at a place, which is taken modulo their number, if there is one; its thread may have ended. */
    @Nullable
    SlabOwner ownerAt(int place) {
        Bound bound = at(place);
        return bound == null ? null : bound.owner;
    }

    /** Visits the owners there are. */
    void forEach(Consumer<SlabOwner> visitor) {
        for (int place = 0; place < places.length; place++) {
            SlabOwner owner = ownerAt(place);
            if (owner != null) {
                visitor.accept(owner);
            }
        }
    }
}
