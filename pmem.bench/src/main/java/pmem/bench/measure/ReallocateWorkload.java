package pmem.bench.measure;

/** A block that grows from 64 bytes by doubling to 4096 and is freed then: one allocate, six resizes, one free. */
final class ReallocateWorkload extends Workload {
    static final int BLOCKS = 128;
    private static final long BYTES_MIN = 64;
    private static final long BYTES_MAX = 4096;

    ReallocateWorkload(Allocator allocator, int thread) {
        super(allocator, thread);
    }

    @Override
    public long chunk() {
        long operations = 0;
        for (int i = 0; i < BLOCKS; i++) {
            allocator.allocate(firstSlot, BYTES_MIN);
            for (long bytes = BYTES_MIN; bytes < BYTES_MAX; bytes *= 2) {
                allocator.reallocate(firstSlot, bytes, 2 * bytes);
                operations++;
            }
            allocator.free(firstSlot);
            operations += 2;
        }
        return operations;
    }
}
