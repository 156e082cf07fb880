package pmem.bench.measure;

/** Allocates 32 blocks at once, then frees them at once: by one call, or in one transaction. */
final class BatchWorkload extends Workload {
    static final int BATCH = 32;
    static final int BATCHES = 64;

    private final long bytes;
    private final boolean inTransaction;

    BatchWorkload(Allocator allocator, int thread, long bytes, boolean inTransaction) {
        super(allocator, thread);
        this.bytes = bytes;
        this.inTransaction = inTransaction;
    }

    @Override
    public long chunk() {
        if (inTransaction) {
            transactions();
        } else {
            calls();
        }
        return 2L * BATCH * BATCHES;
    }

    private void calls() {
        for (int i = 0; i < BATCHES; i++) {
            allocator.allocateAll(firstSlot, BATCH, bytes);
            allocator.freeAll(firstSlot, BATCH);
        }
    }

    private void transactions() {
        for (int i = 0; i < BATCHES; i++) {
            allocator.allocateAllInTransaction(firstSlot, BATCH, bytes);
            allocator.freeAllInTransaction(firstSlot, BATCH);
        }
    }
}
