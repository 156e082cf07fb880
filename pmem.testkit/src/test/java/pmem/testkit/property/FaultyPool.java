package pmem.testkit.property;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import pmem.api.AuditReport;
import pmem.api.BlockVisitor;
import pmem.api.Durability;
import pmem.api.Finding;
import pmem.api.Pool;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;
import pmem.api.ReferenceVisitor;
import pmem.api.Transaction;

/** A right pool with one planted fault, which shows now and then. */
final class FaultyPool implements Pool {
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
        /** A transaction that gives up keeps the blocks it has allocated. */
        KEEPS_UNDONE_BLOCKS
    }

    private final Pool pool;
    private final Fault fault;
    private final List<Long> handedOut = new ArrayList<>();
    private int allocations;
    private int frees;
    private boolean closed;

    FaultyPool(Pool pool, Fault fault) {
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
    public AuditReport audit(ReferenceVisitor visitor) {
        return pool.audit(visitor);
    }

    @Override
    public void close() {
        if (fault == Fault.LOSES_AT_CLOSE && !closed) {
            handedOut.stream().filter(pool::isLive).findFirst().ifPresent(pool::free);
        }
        closed = true;
        pool.close();
    }

    @Override
    public long[] allocateAll(long... bytes) {
        return pool.allocateAll(bytes);
    }

    @Override
    public void freeAll(long... handles) {
        pool.freeAll(handles);
    }

    @Override
    public long reserve(long bytes) {
        return pool.reserve(bytes);
    }

    @Override
    public void publish(long handle) {
        pool.publish(handle);
    }

    @Override
    public void cancel(long handle) {
        pool.cancel(handle);
    }

    @Override
    public boolean reallocate(long handle, long bytes) {
        return pool.reallocate(handle, bytes);
    }

    @Override
    public MemorySegment segment(long handle) {
        return pool.segment(handle);
    }

    @Override
    public boolean isLive(long handle) {
        return pool.isLive(handle);
    }

    @Override
    public void persist(long handle, long offset, long bytes) {
        pool.persist(handle, offset, bytes);
    }

    @Override
    public void writeBack(long handle, long offset, long bytes) {
        pool.writeBack(handle, offset, bytes);
    }

    @Override
    public void fence() {
        pool.fence();
    }

    @Override
    public long root(String name) {
        return pool.root(name);
    }

    @Override
    public void setRoot(String name, long handle) {
        pool.setRoot(name, handle);
    }

    @Override
    public Map<String, Long> roots() {
        return pool.roots();
    }

    @Override
    public void forEachBlock(BlockVisitor visitor) {
        pool.forEachBlock(visitor);
    }

    @Override
    public PoolStats stats() {
        return pool.stats();
    }

    @Override
    public long usedBytes() {
        return pool.usedBytes();
    }

    @Override
    public Durability durability() {
        return pool.durability();
    }

    @Override
    public RecoveryReport recovery() {
        return pool.recovery();
    }

    @Override
    public String policy() {
        return pool.policy();
    }

    @Override
    public List<Finding> verify() {
        return pool.verify();
    }
}
