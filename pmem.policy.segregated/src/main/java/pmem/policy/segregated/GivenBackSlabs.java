package pmem.policy.segregated;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import pmem.spi.Region;

/**
 * The slabs of one owner of which other threads have released blocks: a stack that any thread pushes to and that is taken as a
 * whole (many producers, one consumer: Treiber's stack without the pop, and so without its reuse problem). Lock-free; the
 * links are in the slabs, and a slab's mark sees to it that it is in one stack at a time.
 */
final class GivenBackSlabs {
    private final Region region;
    private final AtomicReference<@Nullable Slab> top = new AtomicReference<>();
    private volatile boolean closed;

    GivenBackSlabs(Region region) {
        this.region = region;
    }

    /**
     * Puts slabs with blocks given back, whose marks the caller has, before whoever owns them; the first names the next. A slab
     * that was dropped meanwhile has nothing left to collect.
     */
    static void handOver(@Nullable Slab first) {
        Slab slab = first;
        while (slab != null) {
            Slab below = slab.nextGivenBack;
            slab.nextGivenBack = null;
            SlabOwner owner = slab.owner();
            if (owner != null && owner.givenBack().push(slab)) {
                // It closed, and its slabs have other owners now. Nobody else may come to look into its stack.
                handOver(owner.givenBack().takeAll());
            }
            slab = below;
        }
    }

    /** Puts a slab in; says whether the owner has closed. */
    private boolean push(Slab slab) {
        region.step("segregated.queue");
        Slab below = top.get();
        slab.nextGivenBack = below;
        while (!top.compareAndSet(below, slab)) {
            below = top.get();
            slab.nextGivenBack = below;
        }
        region.step("segregated.queued");
        // The push is a full fence; pairs with: close, after which the stack is taken once more.
        return closed;
    }

    boolean isEmpty() {
        return top.get() == null;
    }

    /** Takes all slabs out; the first of them, which names the next. */
    @Nullable
    Slab takeAll() {
        return top.get() == null ? null : top.getAndSet(null);
    }

    /** The owner has no slab any more and gets none; it takes what is in the stack after this. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }
}
