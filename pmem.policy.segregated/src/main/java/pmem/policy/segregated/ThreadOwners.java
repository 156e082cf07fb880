package pmem.policy.segregated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import pmem.spi.Region;

/**
 * Owners of one platform thread each, for the threads that call the pool without an access. A thread is bound to an owner at its
 * first call, and found by its id from then on. When it has ended, the next thread that is to be bound takes its owner
 * over, with all slabs in it. A thread that finds no place, and every virtual thread, shares an arena instead.
 */
final class ThreadOwners {
    /** A thread's place is at its id or one of the next few, so that those which find none know it soon. */
    private static final int PROBES = 4;

    private static final int NO_PLACE = -1;

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
    private final Runnable threadBound;
    private final ReentrantLock binding = new ReentrantLock();

    /** Those there are, also of threads that have ended; a new array for each that is made. */
    private volatile SlabOwner[] owners = {};

    /**
     * Binds no thread yet.
     *
     * @param threadsMax how many threads there is a place for, rounded up to a power of two; 0 for none
     * @param maker makes an owner whose own is one thread at a time
     * @param threadBound called by each thread that was bound
     */
    ThreadOwners(Region region, int threadsMax, Supplier<SlabOwner> maker, Runnable threadBound) {
        this.region = region;
        this.maker = maker;
        this.threadBound = threadBound;
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
        for (int i = 1; i < probes; i++) {
            Bound bound = at((int) thread.threadId() + i);
            if (bound != null && bound.threadId == thread.threadId()) {
                return bound.owner;
            }
        }
        if (freePlace(thread) == NO_PLACE) {
            return null;
        }
        SlabOwner owner = bind(thread);
        if (owner != null) {
            threadBound.run();
        }
        return owner;
    }

    /** The first place of a thread that nobody has, or had who has ended. */
    private int freePlace(Thread thread) {
        for (int i = 0; i < probes; i++) {
            int place = ((int) thread.threadId() + i) & mask;
            Bound bound = at(place);
            if (bound == null || bound.hasEnded()) {
                return place;
            }
        }
        return NO_PLACE;
    }

    private @Nullable SlabOwner bind(Thread thread) {
        region.step("segregated.bind-thread");
        binding.lock();
        try {
            int place = freePlace(thread);
            if (place == NO_PLACE) {
                return null;
            }
            Bound ended = at(place);
            SlabOwner owner = ended != null ? ended.owner : takeEnded();
            return bindAt(place, thread, owner != null ? owner : make());
        } finally {
            binding.unlock();
        }
    }

    // So that there are no more owners than threads that were alive at once: who is short of room looks into all of
    // them.
    private @Nullable SlabOwner takeEnded() {
        for (int place = 0; place < places.length && owners.length > 0; place++) {
            Bound bound = at(place);
            if (bound != null && bound.hasEnded()) {
                PLACES.setRelease(places, place, null);
                return bound.owner;
            }
        }
        return null;
    }

    // Among all before it is bound: a slab whose owner nobody looks into would be lost.
    private SlabOwner make() {
        SlabOwner made = maker.get();
        SlabOwner[] more = Arrays.copyOf(owners, owners.length + 1);
        more[owners.length] = made;
        owners = more;
        return made;
    }

    private SlabOwner bindAt(int place, Thread thread, SlabOwner owner) {
        // The owner needs nothing to change hands: what a thread did happens before another finds that it is not alive,
        // and a collector clears the reference to a thread only when that is so, and stops or fences all others
        // between.
        PLACES.setRelease(places, place, new Bound(thread.threadId(), new WeakReference<>(thread), owner));
        return owner;
    }

    /** The owners there are, also those of threads that have ended; not to be changed. */
    SlabOwner[] all() {
        return owners;
    }
}
