package pmem.testkit.vm;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.function.LongConsumer;
import pmem.api.Pool;

/**
 * Does the operations of a work list on a pool, one after the other, in all ways a pool offers: publish, allocate and persist,
 * transaction. A transaction also records its number, so that its parts can be seen to happen together.
 */
final class Worker {
    /** Recorded before the first transaction. */
    static final long NO_TRANSACTION = -1;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    // Of so many operations one is a transaction, one is published, and one is allocated and filled.
    private static final int WAYS = 3;

    private final Pool pool;
    private final int number;
    private final WorkList work;
    private final Map<Integer, Long> handles;

    /**
     * A worker that goes on where another one stopped.
     *
     * @param handles the blocks there are, by the trace's name; the worker's own from here on
     */
    Worker(Pool pool, int number, WorkList work, Map<Integer, Long> handles) {
        this.pool = pool;
        this.number = number;
        this.work = work;
        this.handles = handles;
    }

    /** Whether an operation is done as a transaction. */
    static boolean isTransaction(Operation operation, long number) {
        return operation.kind() == Operation.Kind.REPLACE || number % WAYS == 0;
    }

    private static String progressRoot(int worker) {
        return "progress-" + worker;
    }

    /** Makes the block in which a worker records its transactions. */
    static void prepare(Pool pool, int worker) {
        long handle = pool.reserve(Long.BYTES);
        pool.segment(handle).set(WORD, 0, NO_TRANSACTION);
        pool.publish(handle);
        pool.setRoot(progressRoot(worker), handle);
    }

    /** The block in which a worker records its transactions. */
    static long progressBlock(Pool pool, int worker) {
        return pool.root(progressRoot(worker));
    }

    /** The last transaction recorded. */
    static long recordedTransaction(Pool pool, int worker) {
        return pool.segment(progressBlock(pool, worker)).get(WORD, 0);
    }

    /** Goes on for ever; tells how many operations are done, after each of them. */
    void run(long done, LongConsumer acknowledge) {
        for (long next = done; !Thread.currentThread().isInterrupted(); next++) {
            perform(next);
            acknowledge.accept(next + 1);
        }
    }

    private void perform(long index) {
        Operation operation = work.at(index);
        if (isTransaction(operation, index)) {
            inTransaction(operation, index);
        } else if (operation.kind() == Operation.Kind.FREE) {
            free(operation);
        } else if (index % WAYS == 1) {
            publish(operation, index);
        } else {
            allocate(operation, index);
        }
    }

    private Stamp stamp(Operation operation, long index) {
        return new Stamp(number, work.lapOf(index), operation.id(), operation.bytes());
    }

    private void publish(Operation operation, long index) {
        long handle = pool.reserve(operation.bytes());
        stamp(operation, index).fill(pool.segment(handle));
        pool.publish(handle);
        handles.put(operation.id(), handle);
    }

    private void allocate(Operation operation, long index) {
        long handle = pool.allocate(operation.bytes());
        stamp(operation, index).fill(pool.segment(handle));
        pool.persist(handle, 0, operation.bytes());
        handles.put(operation.id(), handle);
    }

    // Without its name on media, or the block could come back under it when it is handed out again.
    private void free(Operation operation) {
        long handle = handleOf(operation);
        pool.segment(handle).set(WORD, Stamp.NAME_OFFSET, 0);
        pool.persist(handle, Stamp.NAME_OFFSET, Long.BYTES);
        pool.free(handle);
    }

    private long handleOf(Operation operation) {
        Long handle = handles.remove(operation.id());
        if (handle == null) {
            throw new IllegalStateException("the work frees a block it has not: worker=" + number + " " + operation);
        }
        return handle;
    }

    private void inTransaction(Operation operation, long index) {
        long[] made = new long[1];
        pool.transaction(transaction -> {
            if (operation.kind() != Operation.Kind.ALLOCATE) {
                long old = handleOf(operation);
                transaction.set(old, Stamp.NAME_OFFSET, 0);
                transaction.free(old);
            }
            if (operation.makesBlock()) {
                made[0] = transaction.allocate(operation.bytes());
                stamp(operation, index).fill(transaction.segment(made[0]));
            }
            transaction.set(progressBlock(pool, number), 0, index);
        });
        if (operation.makesBlock()) {
            handles.put(operation.id(), made[0]);
        }
    }
}
