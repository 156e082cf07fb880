package pmem.bench.measure;

/**
 * Keeps 1,024 blocks live and replaces them in one of three orders. After the port of MPC Allocator's benchmark, which crosses
 * them with three ways to draw sizes.
 */
final class ReuseWorkload extends Workload {
    static final int LIVE_BLOCKS = 1024;

    /** Which slots are freed and filled again. */
    enum Order {
        /** One after the other. */
        LINEAR,
        /** All are freed, then all are filled. */
        FULL,
        /** A random one each time. */
        RANDOM
    }

    private final long[] sizes;
    private final Order order;
    private final Random64 random;
    private int nextSize;

    /** The sizes are taken in turn; their number is a power of two. */
    ReuseWorkload(Allocator allocator, int thread, long[] sizes, Order order) {
        super(allocator, thread);
        this.sizes = sizes;
        this.order = order;
        random = new Random64(thread + 1);
    }

    @Override
    public void setUp() {
        allocateAll();
    }

    private void allocateAll() {
        for (int i = 0; i < LIVE_BLOCKS; i++) {
            allocator.allocate(firstSlot + i, nextSize());
        }
    }

    private void freeAll() {
        for (int i = 0; i < LIVE_BLOCKS; i++) {
            allocator.free(firstSlot + i);
        }
    }

    private void replace(int index) {
        allocator.free(firstSlot + index);
        allocator.allocate(firstSlot + index, nextSize());
    }

    private long nextSize() {
        return sizes[nextSize++ & (sizes.length - 1)];
    }

    @Override
    public long chunk() {
        switch (order) {
            case LINEAR -> {
                for (int i = 0; i < LIVE_BLOCKS; i++) {
                    replace(i);
                }
            }
            case FULL -> {
                freeAll();
                allocateAll();
            }
            case RANDOM -> {
                for (int i = 0; i < LIVE_BLOCKS; i++) {
                    replace(random.below(LIVE_BLOCKS));
                }
            }
        }
        return 2L * LIVE_BLOCKS;
    }

    @Override
    public void tearDown() {
        freeAll();
    }
}
