package pmem.tool.demo;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import pmem.api.Handles;
import pmem.tool.common.ToolException;
import pmem.tool.trace.BlockContent;
import pmem.tool.trace.TraceOperation;

/**
 * Which operations are known to be done, and where each live object is. Not thread-safe, apart from the version of an object
 * ({@link #loadVersionAcquire}, {@link #storeVersionRelease}), which also passes the object's handle on between threads.
 */
final class Model {
    private static final VarHandle VERSION =
            MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();

    private final ReplayPlan plan;
    private final long seed;
    private final long[] positions;
    private final long[] versions;
    private final long[] handles;

    /** Nothing is done. */
    Model(ReplayPlan plan, long seed) {
        this.plan = plan;
        this.seed = seed;
        positions = new long[plan.threadCount()];
        versions = new long[plan.objectCount()];
        handles = new long[plan.objectCount()];
    }

    ReplayPlan plan() {
        return plan;
    }

    /** How many operations a thread has done since the beginning. */
    long position(int thread) {
        return positions[thread];
    }

    long version(int object) {
        return versions[object];
    }

    /** The handle of a live object. */
    long handle(int object) {
        return handles[object];
    }

    boolean isLive(int object) {
        return plan.isLive(object, versions[object]);
    }

    /** Bytes asked for, of a live object. */
    long bytes(int object) {
        return plan.bytes(object, versions[object]);
    }

    /** Key of the content of a live object. */
    long contentKey(int object) {
        return BlockContent.key(seed, object, versions[object]);
    }

    /** Key of the content the object gets by the operation that follows. */
    long nextContentKey(int object) {
        return BlockContent.key(seed, object, versions[object] + 1);
    }

    /** Whether a thread's next operation waits for nobody, so that it may have begun. */
    boolean canRun(int thread) {
        return plan.operationCount(thread) > 0
                && versions[plan.object(thread, positions[thread])] == plan.requiredVersion(thread, positions[thread]);
    }

    /**
     * Records that a thread's next operation is done.
     *
     * @param handle where the object is now; {@link Handles#NONE} after a free
     * @throws ToolException if the operation can't have been done yet
     */
    void complete(int thread, long handle) {
        long position = positions[thread];
        boolean free = canRun(thread) && plan.kind(thread, position) == TraceOperation.FREE;
        if (!canRun(thread) || free != (handle == Handles.NONE)) {
            throw new ToolException("acknowledgement is impossible: thread=" + thread + " operation=" + position
                    + " handle=" + Handles.format(handle));
        }
        int object = plan.object(thread, position);
        handles[object] = handle;
        versions[object]++;
        positions[thread]++;
    }

    /** Pairs with {@link #storeVersionRelease}: who sees the version sees the handle. */
    long loadVersionAcquire(int object) {
        return (long) VERSION.getAcquire(versions, object);
    }

    /** Moves an object to its next version; called by the one thread whose operation it was. */
    void storeVersionRelease(int object, long version, long handle) {
        handles[object] = handle;
        // pairs with: Model.loadVersionAcquire
        VERSION.setRelease(versions, object, version);
    }

    void write(DataOutputStream out) throws IOException {
        for (long position : positions) {
            out.writeLong(position);
        }
        for (int object = 0; object < versions.length; object++) {
            out.writeLong(versions[object]);
            out.writeLong(handles[object]);
        }
    }

    void read(DataInputStream in) throws IOException {
        for (int thread = 0; thread < positions.length; thread++) {
            positions[thread] = in.readLong();
        }
        for (int object = 0; object < versions.length; object++) {
            versions[object] = in.readLong();
            handles[object] = in.readLong();
        }
    }
}
