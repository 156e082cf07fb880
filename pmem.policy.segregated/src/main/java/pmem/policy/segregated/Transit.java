package pmem.policy.segregated;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts when slabs with blocks given back are on their way to a stack, in nobody's. Who finds no room asks whether that was so
 * meanwhile; nobody ever waits for it.
 */
final class Transit {
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();

    /** Before the mark of a slab is taken, or a stack is emptied. */
    void begin() {
        begun.increment();
    }

    /** After all of them are in a stack again, or collected. */
    void end() {
        ended.increment();
    }

    /** Before a search, for {@link #hasBeenSince}. */
    long ended() {
        return ended.sum();
    }

    /** Whether any slab has been on its way since, or was then. */
    boolean hasBeenSince(long endedBefore) {
        return begun.sum() != endedBefore;
    }
}
