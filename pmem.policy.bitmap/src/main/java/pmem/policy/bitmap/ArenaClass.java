package pmem.policy.bitmap;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.extent.SlabList;

/**
 * The arenas of one block size. Thread-safe.
 *
 * <p>Each stripe of threads has a current arena and claims from it without a lock. When that is full the thread takes the
 * class's lock and looks for another: first one that is no other stripe's current arena, then, while room is not short, a block
 * of the next larger size or a new arena, then any. The lock also makes that one thread creates at a time, and that the others
 * search again after it.
 *
 * <p>The list under the lock holds every arena with room, and perhaps some without. An arena that is full when a search meets
 * it leaves the list; the first give-back after that puts it back. A search takes it out and then reads the bits; a giver clears
 * a bit and then reads whether it is listed: one of the two sees the other. Arenas come back at the end of the list, so that they
 * take turns.
 */
final class ArenaClass {
    /** Claims after which another arena has its turn, if it has as many blocks or fewer. */
    private static final int TURN_CLAIMS = 256;

    /** What a search may do when all arenas that it may take are full. */
    interface Extents {
        /** Makes an arena, or nothing if there is no room for one. */
        Optional<Arena> create();

        /** A block of another size, {@link Handles#NONE} unless that is better than a new arena. */
        long lend();
    }

    private final Region region;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicReferenceArray<@Nullable Arena> current;
    private final int stripeMask;
    private final boolean rotating;
    private final SlabList<Arena> withRoom = new SlabList<>();

    /** A class without arenas; the region is the one the arenas are in. */
    ArenaClass(Region region, int stripes, boolean rotating) {
        this.region = region;
        current = new AtomicReferenceArray<>(stripes);
        stripeMask = stripes - 1;
        this.rotating = rotating;
    }

    /** Claims a block from the current arena of the calling thread, {@link Handles#NONE} if it has none or that is full. */
    long claimFast() {
        int stripe = stripe();
        Arena arena = current.getAcquire(stripe);
        if (arena == null) {
            return Handles.NONE;
        }
        int index = arena.claimNext(rotating);
        if (index < 0) {
            return Handles.NONE;
        }
        if (rotating && arena.isTurnOver(TURN_CLAIMS)) {
            passTurn(arena, stripe);
        }
        return arena.handleOf(index);
    }

    /**
     * Claims a block from any arena or a new one.
     *
     * @param sharing whether to share another stripe's arena rather than create one
     */
    long claimSlow(boolean sharing, Extents extents) {
        region.step("bitmap.search-arenas");
        lock.lock();
        try {
            long handle = search(false);
            if (handle == Handles.NONE && sharing) {
                handle = search(true);
            }
            if (handle == Handles.NONE) {
                handle = extents.lend();
            }
            if (handle == Handles.NONE) {
                Arena created = extents.create().orElse(null);
                handle = created == null ? search(true) : claimFirst(created);
            }
            return handle;
        } finally {
            lock.unlock();
        }
    }

    private long claimFirst(Arena created) {
        int index = created.claimNext(rotating);
        withRoom.addLast(created);
        setCurrent(stripe(), created);
        return created.handleOf(index);
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
     * @return whether the arena is empty and not noted, so that the caller has to note it
     */
    boolean unclaim(Arena arena, int index) {
        boolean wordIsEmpty = arena.unclaim(index, rotating);
        region.step("bitmap.given-back");
        if (!arena.isListed() && !arena.isGrouped()) {
            list(arena);
        }
        return wordIsEmpty && !arena.isNoted() && !arena.isGrouped() && arena.isEmpty();
    }

    /** Takes an arena in that was found on media, or that a group has left. */
    void list(Arena arena) {
        region.step("bitmap.relink-arena");
        lock.lock();
        try {
            listIfRoom(arena);
        } finally {
            lock.unlock();
        }
    }

    private void listIfRoom(Arena arena) {
        if (!arena.isListed() && arena.hasRoom()) {
            withRoom.addLast(arena);
        }
    }

    /** Closes an arena if it is empty and takes it out; the caller then drops it from media. */
    boolean close(Arena arena) {
        region.step("bitmap.close-arena");
        lock.lock();
        try {
            if (arena.isGrouped()) {
                return false;
            }
            if (!arena.tryClose()) {
                // A search may have met it while some of its words looked full.
                listIfRoom(arena);
                return false;
            }
            withRoom.remove(arena);
            for (int i = 0; arena.users() > 0 && i <= stripeMask; i++) {
                if (current.compareAndSet(i, arena, null)) {
                    arena.removeUsers(1);
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether other stripes than the calling thread's claim from an arena; a hint while they may begin or stop to. */
    boolean isUsedByOthers(Arena arena) {
        return arena.users() > (current.getAcquire(stripe()) == arena ? 1 : 0);
    }

    private long search(boolean sharing) {
        int stripe = stripe();
        Arena own = current.getAcquire(stripe);
        Arena arena = withRoom.isEmpty() ? null : withRoom.first();
        while (arena != null) {
            Arena following = withRoom.hasNext(arena) ? withRoom.next(arena) : null;
            if (sharing || arena.users() == 0 || arena == own) {
                int index = arena.claimNext(rotating);
                if (index >= 0) {
                    setCurrent(stripe, arena);
                    return arena.handleOf(index);
                }
                leave(arena);
            }
            arena = following;
        }
        return Handles.NONE;
    }

    private void leave(Arena arena) {
        withRoom.remove(arena);
        region.step("bitmap.arena-unlisted");
        listIfRoom(arena);
    }

    private void setCurrent(int stripe, Arena arena) {
        Arena before = current.get(stripe);
        if (before != null) {
            before.removeUsers(1);
        }
        arena.addUser();
        current.setRelease(stripe, arena);
    }

    /** Makes the thread search for another arena the next time, if there is one. */
    private void passTurn(Arena arena, int stripe) {
        lock.lock();
        try {
            arena.endTurn();
            if (arena.isListed() && (withRoom.hasNext(arena) || withRoom.first() != arena)) {
                withRoom.remove(arena);
                withRoom.addLast(arena);
                if (current.compareAndSet(stripe, arena, null)) {
                    arena.removeUsers(1);
                }
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
