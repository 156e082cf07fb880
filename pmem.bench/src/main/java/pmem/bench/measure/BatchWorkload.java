package pmem.bench.measure;

/** Allocates 32 blocks by one call, then frees them by one call. */
final class BatchWorkload extends Workload {
    static final int BATCH = 32;
    static final int BATCHES = 64;

    private final long bytes;

    BatchWorkload(Allocator allocator, int thread, long bytes) {
        super(allocator, thread);
        this.bytes = bytes;
    }

    @Override
    public long chunk() {
        for (int i = 0; i < BATCHES; i++) {
            allocator.allocateAll(firstSlot, BATCH, bytes);
            allocator.freeAll(firstSlot, BATCH);
        }
        return 2L * BATCH * BATCHES;
    }
}
