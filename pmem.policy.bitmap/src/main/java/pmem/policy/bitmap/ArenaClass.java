package pmem.policy.bitmap;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import pmem.api.Handles;
import pmem.spi.Region;
import pmem.spi.extent.SlabList;

/**
 * The arenas of one block size. Thread-safe.
 *
 * <p>Each {@link Stripe} has a current arena and claims from it without a lock. When that is full the thread looks for another
 * in the list, under the class's lock: first one that is no other stripe's current arena nor shares a line with one, then, while room is not short, a block
 * of the next larger size or a new arena, then any. One thread makes an arena at a time, without that lock: others that find
 * nothing meanwhile search again, also among the current arenas of other stripes, before they wait for it.
 *
 * <p>The list holds every arena with room, and perhaps some without. An arena that is full when a search meets it leaves the
 * list; the first give-back after that puts it back. A search takes it out and then reads the bits; a giver clears a bit and then
 * reads whether it is listed: one of the two sees the other. Arenas come back at the end of the list, so that they take turns.
 * So full arenas cost a search nothing, however many there are.
 */
final class ArenaClass {
    /** What a search may do when all arenas that it may take are full. */
    interface Extents {
        /** Makes an arena, or nothing if there is no room for one. */
        Optional<Arena> create();

        /** A block of the next larger size, {@link Handles#NONE} unless that is better than a new arena. */
        long lend();
    }

    private final Region region;
    private final int classIndex;
    /** Taken while an arena is made, before the other lock. */
    private final ReentrantLock creation = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final SlabList<Arena> withRoom = new SlabList<>();
    private final LinesInUse lines;

    /** A class without arenas; the region is the one the arenas are in, and lines are shared with other classes. */
    ArenaClass(Region region, int classIndex, LinesInUse lines) {
        this.region = region;
        this.lines = lines;
        this.classIndex = classIndex;
    }

    /**
     * Claims a block from any arena or a new one.
     *
     * @param sharing whether to share another stripe's arena rather than create one
     */
    long claim(Stripe stripe, boolean sharing, Extents extents) {
        long handle = search(stripe, sharing);
        if (handle == Handles.NONE) {
            handle = extents.lend();
        }
        if (handle == Handles.NONE && !creation.tryLock()) {
            region.step("bitmap.search-again");
            handle = search(stripe, true);
            if (handle == Handles.NONE) {
                creation.lock();
            }
        }
        if (handle == Handles.NONE) {
            try {
                handle = create(stripe, sharing, extents);
            } finally {
                creation.unlock();
            }
        }
        return handle;
    }

    private long create(Stripe stripe, boolean sharing, Extents extents) {
        // There may be one since the last look.
        long handle = search(stripe, sharing);
        if (handle != Handles.NONE) {
            return handle;
        }
        Arena created = extents.create().orElse(null);
        return created == null ? search(stripe, true) : claimFirst(stripe, created);
    }

    private long claimFirst(Stripe stripe, Arena created) {
        lock.lock();
        try {
            // Before others see it: they could take all its blocks.
            int index = stripe.claim(created, classIndex);
            withRoom.addLast(created);
            use(stripe, created);
            return created.handleOf(index);
        } finally {
            lock.unlock();
        }
    }

    /** Claims a block from an arena there is, if it is to share from any. */
    long claimExisting(Stripe stripe, boolean sharing) {
        return search(stripe, sharing);
    }

    /** Takes an arena in that was found on media, that a group has left, or that was full. */
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
            // Stripes whose current arena it is find no room in it any more.
            withRoom.remove(arena);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private long search(Stripe stripe, boolean sharing) {
        region.step("bitmap.search-arenas");
        lock.lock();
        try {
            return searchList(stripe, sharing);
        } finally {
            lock.unlock();
        }
    }

    private long searchList(Stripe stripe, boolean sharing) {
        Arena own = stripe.arena(classIndex);
        Arena arena = withRoom.isEmpty() ? null : withRoom.first();
        while (arena != null) {
            Arena following = withRoom.hasNext(arena) ? withRoom.next(arena) : null;
            if (sharing || arena.equals(own) || isApart(arena, stripe)) {
                int index = stripe.claimAnywhere(arena, classIndex);
                if (index >= 0) {
                    use(stripe, arena);
                    return arena.handleOf(index);
                }
                leave(arena);
            }
            arena = following;
        }
        return Handles.NONE;
    }

    /** Whether no other stripe claims from an arena, nor from one with states in a line with its. */
    private boolean isApart(Arena arena, Stripe stripe) {
        return arena.users() == 0 && !lines.areUsedBeside(arena, stripe);
    }

    private void use(Stripe stripe, Arena arena) {
        stripe.setArena(classIndex, arena);
        lines.note(arena, stripe);
    }

    private void leave(Arena arena) {
        withRoom.remove(arena);
        region.step("bitmap.arena-unlisted");
        listIfRoom(arena);
    }

    /** Makes the thread search for another arena the next time, if there is one. */
    void passTurn(Stripe stripe, Arena arena) {
        lock.lock();
        try {
            stripe.endTurn(classIndex);
            if (arena.isListed()
                    && (withRoom.hasNext(arena) || !withRoom.first().equals(arena))) {
                withRoom.remove(arena);
                withRoom.addLast(arena);
                stripe.setArena(classIndex, null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the use of a stripe's arena. */
    void forget(Stripe stripe) {
        lock.lock();
        try {
            stripe.setArena(classIndex, null);
        } finally {
            lock.unlock();
        }
    }
}
