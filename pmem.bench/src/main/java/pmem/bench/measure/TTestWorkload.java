package pmem.bench.measure;

/**
 * After Gloger's t-test1: up to 30 frees of random bins, then up to 30 allocations of random sizes into random bins, which free
 * what they held. The bins together may hold 64 MiB, divided among the threads.
 */
final class TTestWorkload extends Workload {
    private static final int ACTIONS_MAX = 30;
    private static final int TURNS = 128;
    private static final long BINS_BYTES = 64L << 20;

    private final int bytesMax;
    private final boolean touches;
    // Size of the block in each bin; 0 for an empty one.
    private final int[] bins;
    private final Random64 random;
    private long operations;

    TTestWorkload(Allocator allocator, int thread, int threads, long bytesMax, boolean touches) {
        super(allocator, thread);
        this.bytesMax = Math.toIntExact(bytesMax);
        this.touches = touches;
        bins = new int[Math.clamp(BINS_BYTES / bytesMax / threads, 1, SLOTS_PER_THREAD)];
        random = new Random64(thread + 1);
    }

    // About half of the bins are full in the long run, so half are full at the start.
    @Override
    public void setUp() {
        for (int i = 0; i < bins.length / 2; i++) {
            allocate(random.below(bins.length));
        }
    }

    @Override
    public long chunk() {
        operations = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            for (int left = random.below(ACTIONS_MAX + 1); left > 0; left--) {
                free(random.below(bins.length));
            }
            for (int left = random.below(ACTIONS_MAX + 1); left > 0; left--) {
                allocate(random.below(bins.length));
            }
        }
        return operations;
    }

    private void allocate(int bin) {
        free(bin);
        int bytes = 1 + random.below(bytesMax);
        allocator.allocate(firstSlot + bin, bytes);
        if (touches) {
            allocator.touch(firstSlot + bin, bytes);
        }
        bins[bin] = bytes;
        operations++;
    }

    private void free(int bin) {
        if (bins[bin] > 0) {
            allocator.free(firstSlot + bin);
            bins[bin] = 0;
            operations++;
        }
    }

    @Override
    public void tearDown() {
        for (int bin = 0; bin < bins.length; bin++) {
            free(bin);
        }
    }
}
