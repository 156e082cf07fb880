package pmem.bench.measure;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * After Larson and Krishnan (1998): each thread replaces random blocks of a set, then hands the set on, so that most blocks are
 * freed by another thread than the one that allocated them. There is one set more than threads; a thread swaps its set for the
 * spare one after each chunk.
 */
final class LarsonWorkload extends Workload {
    static final int STEPS = 4096;
    private static final int SET_SLOTS = 1000;

    private final AtomicInteger spareSet;
    private final boolean fillsSpare;
    private final long bytes;
    private final Random64 random;
    private int set;

    LarsonWorkload(Allocator allocator, int thread, AtomicInteger spareSet, long bytes) {
        super(allocator, thread);
        this.spareSet = spareSet;
        this.bytes = bytes;
        fillsSpare = thread == 0;
        set = firstSlot;
        random = new Random64(thread + 1);
    }

    /** First slot of the set that belongs to no thread at the beginning: the second half of thread 0's slots. */
    static int firstSpareSlot() {
        return SLOTS_PER_THREAD / 2;
    }

    @Override
    public void setUp() {
        fill(firstSlot);
        if (fillsSpare) {
            fill(firstSpareSlot());
        }
    }

    private void fill(int first) {
        for (int i = 0; i < SET_SLOTS; i++) {
            allocator.allocate(first + i, bytes);
        }
    }

    @Override
    public long chunk() {
        int first = set;
        for (int i = 0; i < STEPS; i++) {
            int slot = first + random.below(SET_SLOTS);
            allocator.free(slot);
            allocator.allocate(slot, bytes);
        }
        // Swapping is a release of the old set's slots and an acquire of the new one's.
        set = spareSet.getAndSet(first);
        return 2 * STEPS;
    }

    @Override
    public void tearDown() {
        empty(firstSlot);
        if (fillsSpare) {
            empty(firstSpareSlot());
        }
    }

    private void empty(int first) {
        for (int i = 0; i < SET_SLOTS; i++) {
            allocator.free(first + i);
        }
    }
}
