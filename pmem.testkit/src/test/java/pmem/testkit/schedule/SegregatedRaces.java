package pmem.testkit.schedule;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import pmem.testkit.schedule.AccessRace.Heap;

/**
 * Two accesses of the segregated policy with few and short slabs, in every order of their steps with up to two switches, with and
 * without adoption.
 */
abstract class SegregatedRaces extends AccessRaces {
    static final int BLOCK_BYTES = 128;
    static final int SWITCHES_MAX = 2;
    private static final int SPACE_BYTES = 8 << 10;

    /**
     * Slabs of seven blocks on a page of their own; no thread that works at times of its own. Few classes, as who is short of room looks
     * into all larger ones, and each look is a place to switch.
     */
    static final Map<String, Long> SMALL = Map.of(
            "pageBytes", 1024L,
            "slabBytes", 1024L,
            "largestClassBytes", 256L,
            "mediumBytes", 0L,
            "arenas", 1L,
            "headerColours", 1L,
            "growth", 0L,
            "maintenanceMillis", 0L,
            "emptySlabsKept", 0L,
            "threadCaches", 0L);

    /** As those, and a slab becomes a thread's when it releases a block of it. */
    private static final Map<String, Long> ADOPTING = smallWith(Map.of("adoptAfter", 1L));

    /** As {@link #SMALL}, with more. */
    static Map<String, Long> smallWith(Map<String, Long> more) {
        Map<String, Long> parameters = new TreeMap<>(SMALL);
        parameters.putAll(more);
        return parameters;
    }

    /** A race in a space with these parameters. */
    static AccessRace raceWith(Map<String, Long> parameters, int switchesMax) {
        return new AccessRace("segregated", parameters, SPACE_BYTES, BLOCK_BYTES, switchesMax);
    }

    final void race(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        for (Map<String, Long> parameters : List.of(SMALL, ADOPTING)) {
            run(raceWith(parameters, SWITCHES_MAX), bodies, check);
        }
    }

    /** As {@link #race}, the first access being one that others may not drain. */
    final void raceOfExclusive(Function<Heap, Runnable[]> bodies, Consumer<Heap> check) {
        for (Map<String, Long> parameters : List.of(SMALL, ADOPTING)) {
            run(raceWith(parameters, SWITCHES_MAX).ofExclusive(), bodies, check);
        }
    }

    /** Fills the space and empties it again; its blocks are counted. */
    final void drain(Heap heap) {
        full(heap).forEach(handle -> heap.release(0, handle));
    }

    /** So many blocks of an access. */
    static long[] blocks(Heap heap, int access, int count) {
        long[] handles = new long[count];
        for (int i = 0; i < count; i++) {
            handles[i] = heap.reserve(access);
        }
        return handles;
    }
}
