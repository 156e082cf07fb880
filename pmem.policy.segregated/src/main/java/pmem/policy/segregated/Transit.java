package pmem.policy.segregated;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts when slabs with blocks given back are on their way to a stack, in nobody's. Who finds no room asks whether that is so; nobody
 * ever waits for it.
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

    /** Whether any slab may be on its way. One that was when this is called is not missed. */
    boolean isAnyUnderWay() {
        // In this order: an end counted here has its begin counted below.
        long endedBefore = ended.sum();
        return begun.sum() != endedBefore;
    }
}
