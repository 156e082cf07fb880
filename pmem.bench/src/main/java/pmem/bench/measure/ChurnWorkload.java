package pmem.bench.measure;

/** Keeps a number of blocks live; each step frees a random one and allocates one of the next size in its place. */
final class ChurnWorkload extends Workload {
    static final int STEPS = 2048;
    private static final int SIZES = 1 << 16;

    private final int liveBlocks;
    private final long[] sizes;
    private final Random64 random;
    private int nextSize;

    ChurnWorkload(Allocator allocator, int thread, int liveBlocks, long[] sizes) {
        super(allocator, thread);
        this.liveBlocks = liveBlocks;
        this.sizes = sizes;
        random = new Random64(thread + 1);
    }

    /** As many blocks as {@link Sizes} are drawn for. */
    static int sizesDrawn() {
        return SIZES;
    }

    @Override
    public void setUp() {
        for (int i = 0; i < liveBlocks; i++) {
            allocator.allocate(firstSlot + i, sizes[nextSize++ & (SIZES - 1)]);
        }
    }

    @Override
    public long chunk() {
        for (int i = 0; i < STEPS; i++) {
            int slot = firstSlot + random.below(liveBlocks);
            allocator.free(slot);
            allocator.allocate(slot, sizes[nextSize++ & (SIZES - 1)]);
        }
        return 2 * STEPS;
    }

    @Override
    public void tearDown() {
        for (int i = 0; i < liveBlocks; i++) {
            allocator.free(firstSlot + i);
        }
    }
}
