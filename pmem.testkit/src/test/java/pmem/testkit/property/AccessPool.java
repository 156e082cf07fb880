package pmem.testkit.property;

import pmem.api.Pool;
import pmem.api.PoolAccess;

/** Passes what an access can do on to one of the calling thread, and everything else to the pool. */
public final class AccessPool extends ForwardingPool {
    private final ThreadLocal<PoolAccess> accesses;

    /** Passes calls on to the pool and to accesses of it. */
    public AccessPool(Pool pool) {
        super(pool);
        accesses = ThreadLocal.withInitial(pool::access);
    }

    @Override
    public long allocate(long bytes, long alignmentBytes) {
        return accesses.get().allocate(bytes, alignmentBytes);
    }

    @Override
    public long allocateZeroed(long bytes, long alignmentBytes) {
        return accesses.get().allocateZeroed(bytes, alignmentBytes);
    }

    @Override
    public long reserve(long bytes) {
        return accesses.get().reserve(bytes);
    }

    @Override
    public void free(long handle) {
        accesses.get().free(handle);
    }
}
