package pmem.bench.measure;

/** Fills a pool to a share of what it can hold, then frees a random block and allocates one, again and again. */
final class FillWorkload extends Workload {
    private static final int STEPS = 512;

    private final long bytes;
    private final int percent;
    private final Random64 random = new Random64(1);
    private int[] live = {};

    FillWorkload(Allocator allocator, int thread, long bytes, int percent) {
        super(allocator, thread);
        this.bytes = bytes;
        this.percent = percent;
    }

    @Override
    public void setUp() {
        int filled = 0;
        try {
            for (; filled < SLOTS_PER_THREAD; filled++) {
                allocator.allocate(firstSlot + filled, bytes);
            }
        } catch (RuntimeException full) {
            // What the capability promises: the pool holds as many blocks as were allocated.
        }
        int wanted = (int) ((long) filled * percent / 100);
        // Random ones go, so that the free space is everywhere.
        int[] order = random.permutation(firstSlot, filled);
        for (int i = wanted; i < filled; i++) {
            allocator.free(order[i]);
        }
        live = java.util.Arrays.copyOf(order, wanted);
    }

    @Override
    public long chunk() {
        for (int i = 0; i < STEPS; i++) {
            int slot = live[random.below(live.length)];
            allocator.free(slot);
            allocator.allocate(slot, bytes);
        }
        return 2 * STEPS;
    }

    @Override
    public void tearDown() {
        for (int slot : live) {
            allocator.free(slot);
        }
    }
}
