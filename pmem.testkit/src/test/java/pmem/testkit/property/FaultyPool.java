package pmem.testkit.property;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import pmem.api.Pool;
import pmem.api.Transaction;

/** A right pool with one planted fault, which shows now and then. */
final class FaultyPool extends ForwardingPool {
    /** The fault. */
    enum Fault {
        NONE,
        /** Every fifth allocation gives out a place inside a block that is live already. */
        OVERLAPS,
        /** Every third free does nothing. */
        FORGETS_FREE,
        /** Blocks of more than 100 bytes say that they are one byte smaller than asked for. */
        TOO_SMALL,
        /** A block is freed behind the caller's back when the pool closes. */
        LOSES_AT_CLOSE,
        /** Free accepts a block that is free already. */
        ACCEPTS_DOUBLE_FREE,
        /** Free marks the block's first byte. */
        MARKS_FREED_BLOCKS,
        /** A transaction that gives up keeps the blocks it has allocated. */
        KEEPS_UNDONE_BLOCKS
    }

    private final Pool pool;
    private final Fault fault;
    private final List<Long> handedOut = new ArrayList<>();
    private int allocations;
    private int frees;
    private byte marks;
    private boolean closed;

    FaultyPool(Pool pool, Fault fault) {
        super(pool);
        this.pool = pool;
        this.fault = fault;
    }

    @Override
    public long allocate(long bytes, long alignmentBytes) {
        allocations++;
        if (fault == Fault.OVERLAPS && allocations % 5 == 0) {
            for (long handle : handedOut) {
                if (pool.isLive(handle) && pool.usableBytes(handle) >= bytes && handle % alignmentBytes == 0) {
                    return handle;
                }
            }
        }
        long handle = pool.allocate(bytes, alignmentBytes);
        handedOut.add(handle);
        return handle;
    }

    @Override
    public void free(long handle) {
        frees++;
        if (fault == Fault.FORGETS_FREE && frees % 3 == 0 && pool.isLive(handle)) {
            return;
        }
        if (fault == Fault.ACCEPTS_DOUBLE_FREE && !pool.isLive(handle)) {
            return;
        }
        if (fault == Fault.MARKS_FREED_BLOCKS && pool.isLive(handle)) {
            marks++;
            pool.segment(handle).set(ValueLayout.JAVA_BYTE, 0, marks);
        }
        pool.free(handle);
    }

    @Override
    public long usableBytes(long handle) {
        long usableBytes = pool.usableBytes(handle);
        return fault == Fault.TOO_SMALL && usableBytes > 100 ? 100 : usableBytes;
    }

    @Override
    public void transaction(Consumer<? super Transaction> body) {
        try {
            pool.transaction(body);
        } catch (RuntimeException undone) {
            if (fault == Fault.KEEPS_UNDONE_BLOCKS) {
                pool.allocate(8);
            }
            throw undone;
        }
    }

    @Override
    public void close() {
        if (fault == Fault.LOSES_AT_CLOSE && !closed) {
            handedOut.stream().filter(pool::isLive).findFirst().ifPresent(pool::free);
        }
        closed = true;
        pool.close();
    }
}
