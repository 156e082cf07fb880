package pmem.tool.demo;

import java.lang.foreign.MemorySegment;
import java.util.List;
import pmem.api.BlockVisitor;
import pmem.api.Finding;
import pmem.api.Pool;

/** What the check reads of a pool. Nobody changes the pool meanwhile. */
interface HeapImage {
    /** As {@link Pool#forEachBlock}. */
    void forEachBlock(BlockVisitor visitor);

    /** As {@link Pool#isLive}. */
    boolean isLive(long handle);

    /** As {@link Pool#segment}; asked only for blocks of the walk. */
    MemorySegment segment(long handle);

    /** Number of live blocks by the pool's own counters. */
    long countedBlocks();

    /** As {@link Pool#verify}. */
    List<Finding> verify();

    /** The image of a pool. */
    static HeapImage of(Pool pool) {
        return new HeapImage() {
            @Override
            public void forEachBlock(BlockVisitor visitor) {
                pool.forEachBlock(visitor);
            }

            @Override
            public boolean isLive(long handle) {
                return pool.isLive(handle);
            }

            @Override
            public MemorySegment segment(long handle) {
                return pool.segment(handle);
            }

            @Override
            public long countedBlocks() {
                return pool.stats().liveBlocks();
            }

            @Override
            public List<Finding> verify() {
                return pool.verify();
            }
        };
    }
}
