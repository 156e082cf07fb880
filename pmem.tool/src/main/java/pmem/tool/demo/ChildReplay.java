package pmem.tool.demo;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.tool.common.ToolException;
import pmem.tool.trace.BlockContent;
import pmem.tool.trace.TraceOperation;

/**
 * Replays the plan on a pool, with one thread for each of the plan's, until the process is killed.
 *
 * <p>Order of each operation: pool call, acknowledgement, then the object's new version for the other threads. So whoever acts on
 * an object acts on an acknowledged one, and each thread has at most one operation that is not acknowledged.
 */
final class ChildReplay {
    private static final int SPINS = 200;
    private static final long PARK_NANOS = 20_000;

    private final Pool pool;
    private final Model model;
    private final ReplayPlan plan;
    private final long seed;
    private final FileOutputStream acknowledgements;

    ChildReplay(Pool pool, Handover handover, FileOutputStream acknowledgements) {
        this.pool = pool;
        this.model = handover.model();
        this.plan = model.plan();
        this.seed = handover.settings().seed();
        this.acknowledgements = acknowledgements;
    }

    /** Starts the threads and waits for them, that is, until the process ends. */
    void run(Thread.UncaughtExceptionHandler onFailure) throws InterruptedException {
        Thread[] threads = new Thread[plan.threadCount()];
        for (int i = 0; i < threads.length; i++) {
            int index = i;
            threads[i] = new Thread(() -> replay(index), "replay-" + i);
            threads[i].setUncaughtExceptionHandler(onFailure);
        }
        for (Thread thread : threads) {
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        // Threads beyond the trace's have nothing to do and end; if all do, there is nothing to kill.
        throw new ToolException("replay has no operations for any thread");
    }

    private void replay(int thread) {
        if (plan.operationCount(thread) == 0) {
            LockSupport.park();
            return;
        }
        ByteBuffer message = ByteBuffer.allocate(Acknowledgement.BYTES);
        for (long position = model.position(thread); ; position++) {
            int object = plan.object(thread, position);
            long version = plan.requiredVersion(thread, position);
            awaitVersion(object, version);
            long handle = perform(plan.kind(thread, position), object, version);
            Acknowledgement.encode(message, thread, position, handle);
            send(message.array());
            model.storeVersionRelease(object, version + 1, handle);
        }
    }

    private void awaitVersion(int object, long version) {
        for (int spins = 0; model.loadVersionAcquire(object) != version; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PARK_NANOS);
            }
        }
    }

    private long perform(byte kind, int object, long version) {
        return switch (kind) {
            case TraceOperation.ALLOCATE -> allocate(object, version);
            case TraceOperation.REALLOCATE -> move(object, version);
            case TraceOperation.FREE -> free(object, version);
            default -> throw new ToolException("plan holds an unknown kind of operation: found=" + kind);
        };
    }

    /** Content first, then one durable change: the block appears with its bytes or not at all. */
    private long allocate(int object, long version) {
        long bytes = plan.bytes(object, version + 1);
        long handle = pool.reserve(bytes);
        BlockContent.fill(pool.segment(handle), bytes, BlockContent.key(seed, object, version + 1));
        pool.publish(handle);
        return handle;
    }

    /** Always into a new block: resizing in place would change size and content in more than one step. */
    private long move(int object, long version) {
        long old = verified(object, version);
        long bytes = plan.bytes(object, version + 1);
        long[] moved = {Handles.NONE};
        pool.transaction(transaction -> {
            moved[0] = transaction.allocate(bytes);
            BlockContent.fill(transaction.segment(moved[0]), bytes, BlockContent.key(seed, object, version + 1));
            transaction.free(old);
        });
        return moved[0];
    }

    private long free(int object, long version) {
        pool.free(verified(object, version));
        return Handles.NONE;
    }

    private long verified(int object, long version) {
        long handle = model.handle(object);
        long bytes = plan.bytes(object, version);
        if (!BlockContent.matches(pool.segment(handle), bytes, BlockContent.key(seed, object, version))) {
            throw new ToolException("block has wrong content during the replay: handle=" + Handles.format(handle)
                    + " bytes=" + bytes + " object=" + object + " version=" + version);
        }
        return handle;
    }

    // One call is one write(2) for so few bytes; the stream has no buffer of its own.
    private void send(byte[] message) {
        try {
            acknowledgements.write(message);
        } catch (IOException parentIsGone) {
            Runtime.getRuntime().halt(1);
        }
    }
}
