package pmem.bench.allocator;

import java.util.ArrayList;
import java.util.List;
import pmem.api.PoolAccess;
import pmem.bench.measure.Allocator;

/** A pool whose threads allocate and free through accesses of their own; all other calls go to the pool. */
final class AccessAllocator extends PoolAllocator {
    private final List<View> views = new ArrayList<>();

    AccessAllocator(Subject subject, Setting setting) {
        super(subject, setting);
    }

    // Kept from round to round: a thread number is used by one thread at a time, and threads of a round have ended
    // before the next round.
    @Override
    public Allocator forThread(int thread) {
        while (views.size() <= thread) {
            views.add(new View(this));
        }
        return views.get(thread);
    }

    @Override
    public void close() {
        views.forEach(view -> view.access.release());
        super.close();
    }

    private static final class View extends PoolAllocator {
        private final PoolAccess access;

        View(PoolAllocator whole) {
            super(whole);
            access = whole.pool.access();
        }

        @Override
        public void allocate(int slot, long bytes) {
            handles[slot] = access.allocate(bytes);
        }

        @Override
        public void free(int slot) {
            access.free(handles[slot]);
        }
    }
}
