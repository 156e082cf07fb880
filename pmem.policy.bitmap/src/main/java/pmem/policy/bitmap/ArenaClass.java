package pmem.policy.bitmap;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.extent.SlabList;

/**
 * The arenas of one block size. Thread-safe.
 *
 * <p>Each stripe of threads has a current arena and claims from it without a lock. When that is full the thread takes the
 * class's lock and looks for another: first one that is no other stripe's current arena, then, while room is not short, a new
 * one, then any. The lock also makes that one thread creates at a time, and that the others search again after it.
 *
 * <p>The list under the lock holds every arena with room, and perhaps some without. An arena that is full when a search meets
 * it leaves the list; the first give-back after that puts it back. A search takes it out and then reads the count; a
 * giver lowers the count and then reads whether it is listed: one of the two sees the other.
 */
final class ArenaClass {
    private final Region region;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicReferenceArray<@Nullable Arena> current;
    private final int stripeMask;
    private final int emptyKept;
    private final AtomicInteger empty = new AtomicInteger();
    private final SlabList<Arena> withRoom = new SlabList<>();

    /** A class without arenas; the region is the one the arenas are in. */
    ArenaClass(Region region, int stripes, int emptyKept) {
        this.region = region;
        current = new AtomicReferenceArray<>(stripes);
        stripeMask = stripes - 1;
        this.emptyKept = emptyKept;
    }

    /** Claims a block from the current arena of the calling thread, {@link Handles#NONE} if it has none or that is full. */
    long claimFast() {
        Arena arena = current.getAcquire(stripe());
        return arena == null ? Handles.NONE : claimFrom(arena);
    }

    /**
     * Claims a block from any arena or a new one.
     *
     * @param sharing whether to share another stripe's arena rather than create one
     * @param creator makes an arena, or nothing if there is no room for one
     */
    long claimSlow(boolean sharing, Supplier<Optional<Arena>> creator) {
        region.step("bitmap.search-arenas");
        lock.lock();
        try {
            long handle = search(false);
            if (handle == Handles.NONE && sharing) {
                handle = search(true);
            }
            if (handle == Handles.NONE) {
                Arena created = creator.get().orElse(null);
                if (created != null) {
                    handle = created.handleOf(created.claim(region));
                    withRoom.addLast(created);
                    current.setRelease(stripe(), created);
                } else {
                    handle = search(true);
                }
            }
            return handle;
        } finally {
            lock.unlock();
        }
    }

    /** Claims a block from any arena there is. */
    long claimExisting() {
        lock.lock();
        try {
            return search(true);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives a claimed block back.
     *
     * @return whether the arena is empty and more than enough others are, so that the caller has to drop it: it is closed
     */
    boolean unclaim(Arena arena, int index) {
        int before = arena.unclaim(region, index);
        region.step("bitmap.given-back");
        if (before == arena.blockCount() && !arena.isListed()) {
            relink(arena);
        }
        return before == 1 && empty.incrementAndGet() > emptyKept && close(arena);
    }

    /** Takes an arena in that was found on media. */
    void adopt(Arena arena) {
        if (arena.claimedCount() == 0) {
            empty.incrementAndGet();
        }
        if (arena.hasRoom()) {
            withRoom.addLast(arena);
        }
    }

    /** Whether more arenas are empty than are to be kept. */
    boolean hasTooManyEmpty() {
        return empty.get() > emptyKept;
    }

    /** Whether an arena is empty. */
    boolean hasEmpty() {
        return empty.get() > 0;
    }

    /** Closes an empty arena and takes it out; the caller drops it from media. */
    boolean close(Arena arena) {
        if (!arena.tryDrop()) {
            return false;
        }
        empty.decrementAndGet();
        region.step("bitmap.arena-closed");
        lock.lock();
        try {
            withRoom.remove(arena);
            for (int i = 0; i <= stripeMask; i++) {
                current.compareAndSet(i, arena, null);
            }
        } finally {
            lock.unlock();
        }
        return true;
    }

    private long claimFrom(Arena arena) {
        int before = arena.takePlace(region);
        if (before == Arena.NO_BLOCK) {
            return Handles.NONE;
        }
        if (before == 0) {
            region.step("bitmap.no-longer-empty");
            empty.decrementAndGet();
        }
        return arena.handleOf(arena.claim(region));
    }

    private long search(boolean sharing) {
        Arena arena = withRoom.isEmpty() ? null : withRoom.first();
        while (arena != null) {
            Arena following = withRoom.hasNext(arena) ? withRoom.next(arena) : null;
            if (!arena.hasRoom()) {
                leave(arena);
            } else if (sharing || !isCurrentElsewhere(arena)) {
                long handle = claimFrom(arena);
                if (handle != Handles.NONE) {
                    current.setRelease(stripe(), arena);
                    return handle;
                }
            }
            arena = following;
        }
        return Handles.NONE;
    }

    private boolean isCurrentElsewhere(Arena arena) {
        int own = stripe();
        for (int i = 0; i <= stripeMask; i++) {
            if (i != own && current.getAcquire(i) == arena) {
                return true;
            }
        }
        return false;
    }

    private void leave(Arena arena) {
        withRoom.remove(arena);
        region.step("bitmap.arena-unlisted");
        if (arena.hasRoom()) {
            withRoom.addLast(arena);
        }
    }

    private void relink(Arena arena) {
        region.step("bitmap.relink-arena");
        lock.lock();
        try {
            if (!arena.isListed() && arena.hasRoom()) {
                withRoom.addLast(arena);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Thread ids count up from 1, so neighbours get stripes of their own. */
    private int stripe() {
        return (int) Thread.currentThread().threadId() & stripeMask;
    }
}
