package pmem.bench.measure;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * PMem Allocator's rate of allocations that are used: 1,024 blocks of {@code 32 i mod 1024} bytes, each filled and compared back.
 * There they are never freed; here they are, so that a round can go on.
 */
final class AccessWorkload extends Workload {
    static final int BLOCKS = 1024;
    private static final long CONTENT_BYTES = 1024;

    private final long[] sizes = Sizes.pmemAllocator(BLOCKS);
    private final MemorySegment content = Arena.ofAuto().allocate(CONTENT_BYTES);

    AccessWorkload(Allocator allocator, int thread) {
        super(allocator, thread);
        Random64 random = new Random64(thread + 1);
        for (long at = 0; at < CONTENT_BYTES; at++) {
            content.set(JAVA_BYTE, at, (byte) random.below(256));
        }
    }

    @Override
    public long chunk() {
        for (int i = 0; i < BLOCKS; i++) {
            allocator.allocate(firstSlot + i, sizes[i]);
            allocator.fill(firstSlot + i, content, sizes[i]);
            if (!allocator.holds(firstSlot + i, content, sizes[i])) {
                throw new IllegalStateException("a block does not hold what was written: bytes=" + sizes[i]);
            }
        }
        for (int i = 0; i < BLOCKS; i++) {
            allocator.free(firstSlot + i);
        }
        return 2L * BLOCKS;
    }
}
