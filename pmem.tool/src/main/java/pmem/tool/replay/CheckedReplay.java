package pmem.tool.replay;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolStats;
import pmem.tool.common.ToolException;
import pmem.tool.trace.BlockContent;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceOperation;

/**
 * The pass that fills every block with bytes that tell whose it is, checks them when the block is resized or freed, and compares
 * the pool's blocks with the trace's at the end. Not timed. Not thread-safe.
 */
public final class CheckedReplay {
    /**
     * What the pass found.
     *
     * @param peakUsedBytes largest {@link Pool#usedBytes} after an operation
     * @param metadataBytes of the pool, at the end
     * @param lines cache lines the operations wrote back
     * @param fences fences the operations waited for
     * @param leakedBlocks blocks in the pool that the trace does not have at its end
     * @param lostBlocks blocks the trace has at its end that are not in the pool
     * @param contentErrors blocks that were too small or held other bytes than were written
     */
    public record Findings(
            long peakUsedBytes,
            long metadataBytes,
            long lines,
            long fences,
            long leakedBlocks,
            long lostBlocks,
            long contentErrors) {}

    private static final long SEED = 1;

    private final Trace trace;
    private final Pool pool;
    private final long[] handles;
    private final long[] bytes;
    private final int[] versions;
    private long peakUsedBytes;
    private long contentErrors;

    private CheckedReplay(Trace trace, Pool pool) {
        this.trace = trace;
        this.pool = pool;
        handles = new long[trace.objectCount()];
        bytes = new long[trace.objectCount()];
        versions = new int[trace.objectCount()];
    }

    /**
     * Replays the trace on an empty pool that counts its persists.
     *
     * @throws ToolException if the pool is too small
     */
    public static Findings run(Trace trace, Pool pool) {
        return new CheckedReplay(trace, pool).run();
    }

    private Findings run() {
        PoolStats before = pool.stats();
        peakUsedBytes = pool.usedBytes();
        for (int i = 0; i < trace.operationCount(); i++) {
            try {
                perform(i);
            } catch (OutOfSpaceException full) {
                throw outOfSpace(trace, i, full);
            }
            peakUsedBytes = Math.max(peakUsedBytes, pool.usedBytes());
        }
        PoolStats after = pool.stats();
        return compared(before, after);
    }

    static ToolException outOfSpace(Trace trace, int operation, OutOfSpaceException full) {
        return new ToolException(
                "pool is full before the end of the trace: trace=" + trace.name() + " operation=" + operation + " of "
                        + trace.operationCount() + ", give it more with --size; " + full.getMessage(),
                full);
    }

    private void perform(int operation) {
        int object = trace.object(operation);
        long size = trace.bytes(operation);
        switch (trace.kind(operation)) {
            case TraceOperation.ALLOCATE -> handles[object] = pool.allocate(size);
            case TraceOperation.REALLOCATE -> reallocate(object, size);
            default -> {
                check(object, bytes[object]);
                pool.free(handles[object]);
            }
        }
        bytes[object] = size;
        versions[object]++;
        if (size > 0) {
            fill(object);
        }
    }

    private void reallocate(int object, long size) {
        long old = handles[object];
        check(object, bytes[object]);
        if (!pool.reallocate(old, size)) {
            long moved = pool.allocate(size);
            long kept = Math.min(size, bytes[object]);
            MemorySegment.copy(pool.segment(old), 0, pool.segment(moved), 0, kept);
            handles[object] = moved;
            pool.free(old);
        }
        check(object, Math.min(size, bytes[object]));
    }

    private void fill(int object) {
        MemorySegment block = pool.segment(handles[object]);
        if (block.byteSize() < bytes[object]) {
            contentErrors++;
        } else {
            BlockContent.fill(block, bytes[object], key(object));
        }
    }

    private void check(int object, long prefixBytes) {
        if (!BlockContent.matches(pool.segment(handles[object]), prefixBytes, key(object))) {
            contentErrors++;
        }
    }

    private long key(int object) {
        return BlockContent.key(SEED, object, versions[object]);
    }

    private Findings compared(PoolStats before, PoolStats after) {
        Set<Long> walked = new HashSet<>();
        pool.forEachBlock((handle, usableBytes) -> walked.add(handle));
        long found = walked.size();
        long expected = 0;
        long lost = 0;
        for (int object = 0; object < handles.length; object++) {
            if (bytes[object] > 0) {
                expected++;
                boolean there = walked.remove(handles[object]);
                lost += there ? 0 : 1;
                if (there) {
                    check(object, bytes[object]);
                }
            }
        }
        return new Findings(
                peakUsedBytes,
                after.metadataBytes(),
                after.linesWrittenBack() - before.linesWrittenBack(),
                after.fences() - before.fences(),
                found - (expected - lost),
                lost,
                contentErrors);
    }
}
