package pmem.recovery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import pmem.api.PoolClosedException;

/**
 * Whether a pool is open, and whether operations on it ever named blocks that others may free; shared by all that must look before
 * and after their work. One word, so that the shortest operations look once.
 */
final class OpenState {
    private static final int CLOSED = 1;
    private static final int NAMES_USED = 2;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(OpenState.class, "state", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Is never open: what stands for the state of a pool where nothing may be done in one step. */
    static final OpenState NEVER = never();

    private final String poolName;

    /** Bits, which are only ever set. */
    private volatile int state;

    OpenState(String poolName) {
        this.poolName = poolName;
    }

    private static OpenState never() {
        OpenState never = new OpenState("none");
        never.close();
        return never;
    }

    /** From now on the pool is closed. */
    void close() {
        STATE.getAndBitwiseOr(this, CLOSED);
    }

    /** Whether the pool is closed. */
    boolean isClosed() {
        return (state & CLOSED) != 0;
    }

    /** From now on an operation may have named any block; before the first one does. */
    void namesAreUsed() {
        if ((state & NAMES_USED) == 0) {
            STATE.getAndBitwiseOr(this, NAMES_USED);
        }
    }

    /** Whether a running or earlier operation may have named any block. */
    boolean mayBeNamed() {
        return (state & NAMES_USED) != 0;
    }

    /** Whether the pool is open and no operation ever named a block. */
    boolean isOpenWithoutNames() {
        return state == 0;
    }

    /**
     * Returns if the pool is open.
     *
     * @throws PoolClosedException if it is not
     */
    void requireOpen() {
        if (isClosed()) {
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
