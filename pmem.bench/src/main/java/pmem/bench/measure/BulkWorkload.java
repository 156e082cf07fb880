package pmem.bench.measure;

/** Allocates many blocks, then frees all of them, in the order of their allocation or in a random one. */
final class BulkWorkload extends Workload {
    private final long[] sizes;
    private final int[] freeOrder;

    BulkWorkload(Allocator allocator, int thread, long[] sizes, boolean random) {
        super(allocator, thread);
        this.sizes = sizes;
        freeOrder = new Random64(thread + 1).permutation(firstSlot, sizes.length);
        if (!random) {
            java.util.Arrays.sort(freeOrder);
        }
    }

    @Override
    public long chunk() {
        for (int i = 0; i < sizes.length; i++) {
            allocator.allocate(firstSlot + i, sizes[i]);
        }
        for (int slot : freeOrder) {
            allocator.free(slot);
        }
        return 2L * sizes.length;
    }
}
