package pmem.bench.measure;

/** The least a durable operation can cost: one store, its write-back and a fence, on random lines of a working set. */
final class FloorWorkload extends Workload {
    private static final int STEPS = 512;

    private final long workingSetBytes;

    FloorWorkload(Allocator allocator, int thread, long workingSetBytes) {
        super(allocator, thread);
        this.workingSetBytes = workingSetBytes;
    }

    @Override
    public long chunk() {
        for (int i = 0; i < STEPS; i++) {
            allocator.allocate(firstSlot, workingSetBytes);
        }
        return STEPS;
    }
}
