package pmem.bench.measure;

/** Allocates a block and frees it at once: the shortest path of an allocator. */
final class PairWorkload extends Workload {
    static final int PAIRS = 512;

    /** Which calls make a pair. */
    enum Call {
        PLAIN,
        PUBLISH,
        TRANSACTION,
        LINK
    }

    private final Call call;
    private final long bytes;

    PairWorkload(Allocator allocator, int thread, Call call, long bytes) {
        super(allocator, thread);
        this.call = call;
        this.bytes = bytes;
    }

    @Override
    public long chunk() {
        switch (call) {
            case PLAIN -> plain();
            case PUBLISH -> publish();
            case TRANSACTION -> transaction();
            case LINK -> link();
        }
        return 2 * PAIRS;
    }

    private void plain() {
        for (int i = 0; i < PAIRS; i++) {
            allocator.allocate(firstSlot, bytes);
            allocator.free(firstSlot);
        }
    }

    private void publish() {
        for (int i = 0; i < PAIRS; i++) {
            allocator.allocatePublished(firstSlot, bytes);
            allocator.freePublished(firstSlot);
        }
    }

    private void transaction() {
        for (int i = 0; i < PAIRS; i++) {
            allocator.allocateInTransaction(firstSlot, bytes);
            allocator.freeInTransaction(firstSlot);
        }
    }

    private void link() {
        for (int i = 0; i < PAIRS; i++) {
            allocator.allocateLinked(firstSlot, bytes);
            allocator.freeLinked(firstSlot);
        }
    }
}
