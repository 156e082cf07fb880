package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import pmem.api.Finding;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolStats;

/** What the suites ask of the blocks of a pool. */
public final class Blocks {
    private static final int EDGE_BYTES = 64;
    private static final int STRIDE_BYTES = 512;

    private Blocks() {}

    /** Handles and usable bytes of all live blocks, as the walk reports them; fails if it reports one twice. */
    public static SortedMap<Long, Long> walk(Pool pool) {
        SortedMap<Long, Long> blocks = new TreeMap<>();
        pool.forEachBlock((handle, usableBytes) -> assertThat(blocks.put(handle, usableBytes))
                .as("earlier visit of block 0x%x", handle)
                .isNull());
        return blocks;
    }

    /**
     * Checks all that must hold of a pool between operations: the verifier finds nothing, live blocks are inside the pool and
     * do not overlap, and walk, statistics and single questions agree.
     */
    public static void assertWhole(Pool pool) {
        SortedMap<Long, Long> blocks = walk(pool);
        PoolStats stats = pool.stats();
        long end = stats.metadataBytes() == 0 ? 0 : 1;
        long liveBytes = 0;
        for (Map.Entry<Long, Long> block : blocks.entrySet()) {
            long handle = block.getKey();
            long usableBytes = block.getValue();
            assertThat(handle)
                    .as("start of a block, against the end of the one before")
                    .isGreaterThanOrEqualTo(end);
            assertThat(pool.isLive(handle))
                    .as("walked block 0x%x is live", handle)
                    .isTrue();
            assertThat(pool.usableBytes(handle))
                    .as("usable bytes of 0x%x", handle)
                    .isEqualTo(usableBytes);
            end = handle + usableBytes;
            liveBytes += usableBytes;
        }
        assertThat(end).as("end of the last block").isLessThanOrEqualTo(stats.capacityBytes());
        assertStatistics(pool, blocks.size(), liveBytes);
        assertThat(withoutDanglingRoots(pool.verify()))
                .as("findings of the verifier")
                .isEmpty();
    }

    /** Findings but those on roots that name no live block, which an application may store. */
    public static List<Finding> withoutDanglingRoots(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> !finding.code().equals(Finding.DANGLING_ROOT))
                .toList();
    }

    /** Checks the statistics against a number of live blocks and their usable bytes. */
    public static void assertStatistics(Pool pool, long liveBlocks, long liveBytes) {
        PoolStats stats = pool.stats();
        assertThat(stats.liveBlocks()).as("live blocks in %s", stats).isEqualTo(liveBlocks);
        assertThat(stats.liveBytes()).as("live bytes in %s", stats).isEqualTo(liveBytes);
        assertThat(stats.usedBytes())
                .as("used bytes in %s", stats)
                .isBetween(stats.metadataBytes() + liveBytes, stats.capacityBytes())
                .isEqualTo(pool.usedBytes());
        assertThat(stats.largestFreeBytes())
                .as("largest free block in %s", stats)
                .isBetween(0L, stats.capacityBytes());
    }

    /** Allocates blocks of one size until the pool has no more room, in batches where the size is small. */
    public static List<Long> fill(Pool pool, long bytes) {
        List<Long> handles = new ArrayList<>();
        for (int batch = bytes < 1024 ? 512 : 16; batch > 0; batch /= 2) {
            long[] sizes = new long[batch];
            Arrays.fill(sizes, bytes);
            while (allocateAll(pool, sizes, handles)) {
                assertThat(handles.size() * bytes)
                        .as("bytes handed out")
                        .isLessThanOrEqualTo(pool.stats().capacityBytes());
            }
        }
        return handles;
    }

    private static boolean allocateAll(Pool pool, long[] sizes, List<Long> handles) {
        try {
            for (long handle : pool.allocateAll(sizes)) {
                handles.add(handle);
            }
            return true;
        } catch (OutOfSpaceException full) {
            return false;
        }
    }

    /** Frees blocks under as few fences as the pool needs. */
    public static void freeAll(Pool pool, List<Long> handles) {
        pool.freeAll(handles.stream().mapToLong(Long::longValue).toArray());
    }

    /**
     * Writes a pattern into a block's first and last bytes and into one byte of every 512 between, so that an overlap or a lost
     * store shows without the cost of writing all.
     */
    public static void stamp(MemorySegment block, long bytes, long stamp) {
        for (long offset = 0; offset < bytes; offset = next(offset, bytes)) {
            block.set(ValueLayout.JAVA_BYTE, offset, patternAt(stamp, offset));
        }
    }

    /** Allocates a block and stamps it with its handle. */
    static long allocateStamped(Pool pool, long bytes) {
        long handle = pool.allocate(bytes);
        stamp(pool.segment(handle), bytes, handle);
        return handle;
    }

    /** Allocates blocks as {@link #allocateStamped} does, one by one until the pool has no more room. */
    static List<Long> fillStamped(Pool pool, long bytes) {
        List<Long> handles = new ArrayList<>();
        try {
            while (true) {
                handles.add(allocateStamped(pool, bytes));
            }
        } catch (OutOfSpaceException full) {
            return handles;
        }
    }

    /** Checks the content of blocks that {@link #allocateStamped} made. */
    static void assertStamped(Pool pool, List<Long> handles, long bytes) {
        for (long handle : handles) {
            assertStamped(pool.segment(handle), bytes, bytes, handle);
        }
    }

    /** Checks what {@link #stamp} wrote; {@code bytes} may be smaller than it was then. */
    public static void assertStamped(MemorySegment block, long bytes, long stampedBytes, long stamp) {
        for (long offset = 0; offset < bytes; offset = next(offset, stampedBytes)) {
            byte found = block.get(ValueLayout.JAVA_BYTE, offset);
            if (found != patternAt(stamp, offset)) {
                throw new AssertionError("content is not what was written: block bytes=" + stampedBytes + " offset="
                        + offset + ", expected " + patternAt(stamp, offset) + ", found=" + found);
            }
        }
    }

    /** Checks that all of a block is 0. */
    public static void assertZero(MemorySegment block) {
        long found = block.mismatch(MemorySegment.ofArray(new byte[(int) block.byteSize()]));
        if (found >= 0) {
            throw new AssertionError("block is not zero: block bytes=" + block.byteSize() + " offset=" + found
                    + ", expected 0, found=" + block.get(ValueLayout.JAVA_BYTE, found));
        }
    }

    private static long next(long offset, long bytes) {
        boolean atEdge = offset < EDGE_BYTES || offset + 1 >= bytes - EDGE_BYTES;
        return atEdge
                ? offset + 1
                : Math.min(Math.ceilDiv(offset + 1, STRIDE_BYTES) * STRIDE_BYTES, bytes - EDGE_BYTES);
    }

    private static byte patternAt(long stamp, long offset) {
        return (byte) (((stamp + offset) * 0x9E37_79B9_7F4A_7C15L) >>> 56);
    }
}
