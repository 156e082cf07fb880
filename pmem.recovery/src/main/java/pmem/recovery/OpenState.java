package pmem.recovery;

import pmem.api.PoolClosedException;

/** Whether a pool is open; shared by all that must look before and after their work. */
final class OpenState {
    private final String poolName;
    private volatile boolean closed;

    OpenState(String poolName) {
        this.poolName = poolName;
    }

    /** From now on the pool is closed. */
    void close() {
        closed = true;
    }

    /** Whether the pool is closed. */
    boolean isClosed() {
        return closed;
    }

    /**
     * Returns if the pool is open.
     *
     * @throws PoolClosedException if it is not
     */
    void requireOpen() {
        if (closed) {
            throw new PoolClosedException("the pool is closed: pool=" + poolName
                    + "; an operation that was under way may or may not have taken effect");
        }
    }

    /** The region refuses access once another thread has closed it; any other refusal is a defect and shown as it is. */
    RuntimeException closedOr(IllegalStateException failure) {
        requireOpen();
        return failure;
    }
}
