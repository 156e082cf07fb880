package pmem.policy.bitmap;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The arenas that have become empty and keep their pages for a while: a few of each size, and only a small part of all pages.
 *
 * <p>An arena is noted when it becomes empty and stays noted when blocks are claimed from it again, so that allocating and
 * freeing the same block costs nothing here. What is noted beyond the bounds is handed out, and may or may not be empty then. One who empties an arena clears its last bit and then reads whether it is noted; here the note is taken away
 * before the bits are read: one of the two sees the other. Thread-safe.
 */
final class EmptyArenas {
    /** One part in so many of the used pages may be empty, or {@link #PAGES_MIN}. */
    private static final int SHARE = 64;

    private static final int PAGES_MIN = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Arena> noted = new ArrayDeque<>();
    private final int perClass;
    private int pages;

    /** Keeps so many of each class. */
    EmptyArenas(int perClass) {
        this.perClass = perClass;
    }

    /**
     * Notes an arena unless it is noted.
     *
     * @param usedPages pages in use now
     * @param usedByOthers whether other threads claim from an arena: such a one is not counted among those of its class
     * @return the arenas that no longer are; the caller closes those that are empty
     */
    List<Arena> note(Arena arena, int usedPages, Predicate<Arena> usedByOthers) {
        lock.lock();
        try {
            if (arena.isNoted()) {
                return List.of();
            }
            arena.setNoted(true);
            noted.addLast(arena);
            pages += arena.pageCount();
            return takeSuperfluous(arena, Math.max(PAGES_MIN, usedPages / SHARE), usedByOthers);
        } finally {
            lock.unlock();
        }
    }

    /** Takes all out. */
    List<Arena> takeAll() {
        lock.lock();
        try {
            List<Arena> all = new ArrayList<>(noted);
            noted.clear();
            all.forEach(this::forget);
            return all;
        } finally {
            lock.unlock();
        }
    }

    private List<Arena> takeSuperfluous(Arena added, int pagesMax, Predicate<Arena> usedByOthers) {
        List<Arena> ofClass = ofClass(added.classIndex(), usedByOthers);
        if (pages <= pagesMax && ofClass.size() <= perClass) {
            return List.of();
        }
        List<Arena> taken = new ArrayList<>();
        // In use again since they were noted; whoever empties one from now on notes it anew.
        take(noted.stream().filter(arena -> !arena.isEmpty()).toList(), taken);
        ofClass.removeAll(taken);
        // The first ones of the space stay: a class that grows again then makes the same arenas as before.
        ofClass.sort(Comparator.comparingInt(Arena::firstPage));
        take(ofClass.subList(Math.min(perClass, ofClass.size()), ofClass.size()), taken);
        while (pages > pagesMax && noted.size() > 1) {
            take(List.of(noted.getFirst()), taken);
        }
        return taken;
    }

    private List<Arena> ofClass(int classIndex, Predicate<Arena> usedByOthers) {
        List<Arena> found = new ArrayList<>();
        for (Arena arena : noted) {
            if (arena.classIndex() == classIndex && (perClass == 0 || !usedByOthers.test(arena))) {
                found.add(arena);
            }
        }
        return found;
    }

    private void take(List<Arena> arenas, List<Arena> taken) {
        noted.removeAll(arenas);
        arenas.forEach(this::forget);
        taken.addAll(arenas);
    }

    private void forget(Arena arena) {
        pages -= arena.pageCount();
        arena.setNoted(false);
    }
}
