package pmem.policy.segregated;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The slabs of one owner of which other threads have released blocks: a stack that any thread pushes to and that is taken as a
 * whole (many producers, one consumer: Treiber's stack without the pop, and so without its reuse problem). Lock-free; the
 * links are in the slabs, and a slab's mark sees to it that it is in one stack at a time.
 */
final class GivenBackSlabs {
    private final AtomicReference<@Nullable Slab> top = new AtomicReference<>();

    /** Puts a slab in whose mark the caller has taken. */
    void push(Slab slab) {
        Slab below = top.get();
        slab.nextGivenBack = below;
        while (!top.compareAndSet(below, slab)) {
            below = top.get();
            slab.nextGivenBack = below;
        }
    }

    boolean isEmpty() {
        return top.get() == null;
    }

    /** Takes all slabs out; the first of them, which names the next. */
    @Nullable
    Slab takeAll() {
        return top.get() == null ? null : top.getAndSet(null);
    }
}
