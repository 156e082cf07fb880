package pmem.bench.measure;

/** Allocates a block, writes to each of its pages, frees it: what an allocator that gives memory back to the system pays for. */
final class TouchWorkload extends Workload {
    static final int PAIRS = 16;

    private final long bytes;

    TouchWorkload(Allocator allocator, int thread, long bytes) {
        super(allocator, thread);
        this.bytes = bytes;
    }

    @Override
    public long chunk() {
        for (int i = 0; i < PAIRS; i++) {
            allocator.allocate(firstSlot, bytes);
            allocator.touch(firstSlot, bytes);
            allocator.free(firstSlot);
        }
        return 2 * PAIRS;
    }
}
