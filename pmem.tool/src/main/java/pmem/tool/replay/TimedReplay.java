package pmem.tool.replay;

import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.tool.common.ToolException;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceOperation;

/**
 * The pass that is timed: the pool calls of the trace and nothing else, no content, no copy of a moved block. One pair of clock
 * reads stands around the whole trace, for a pair around each call would cost as much as the call. Not thread-safe.
 */
public final class TimedReplay {
    private TimedReplay() {}

    /**
     * Replays the trace on an empty pool.
     *
     * @return nanoseconds an operation
     * @throws ToolException if the pool is too small
     */
    public static double nanosPerOperation(Trace trace, Pool pool) {
        long[] handles = new long[trace.objectCount()];
        int operation = 0;
        long start = System.nanoTime();
        try {
            for (; operation < trace.operationCount(); operation++) {
                perform(trace, pool, handles, operation);
            }
        } catch (OutOfSpaceException full) {
            throw CheckedReplay.outOfSpace(trace, operation, full);
        }
        return (double) (System.nanoTime() - start) / trace.operationCount();
    }

    private static void perform(Trace trace, Pool pool, long[] handles, int operation) {
        int object = trace.object(operation);
        switch (trace.kind(operation)) {
            case TraceOperation.ALLOCATE -> handles[object] = pool.allocate(trace.bytes(operation));
            case TraceOperation.REALLOCATE -> {
                long old = handles[object];
                if (!pool.reallocate(old, trace.bytes(operation))) {
                    handles[object] = pool.allocate(trace.bytes(operation));
                    pool.free(old);
                }
            }
            default -> pool.free(handles[object]);
        }
    }
}
