package pmem.recovery;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import pmem.api.Handles;
import pmem.api.PoolAccess;
import pmem.spi.PolicyAccess;

/** An access of a pool on any region. Used by one thread at a time. */
final class RegionPoolAccess implements PoolAccess {
    private final CommitEngine engine;
    private final ZeroedBlocks zeroed;
    private final OpenState openState;
    private final PolicyAccess access;
    private final boolean isTransient;
    /** The pool's, if a call may be served in one step: the pool is of transient memory, and the access is not released. */
    private OpenState atOnce;

    private Cleaner.Cleanable release = () -> {};
    private boolean released;

    RegionPoolAccess(
            CommitEngine engine, ZeroedBlocks zeroed, OpenState openState, PolicyAccess access, boolean isTransient) {
        this.engine = engine;
        this.zeroed = zeroed;
        this.openState = openState;
        this.access = access;
        this.isTransient = isTransient;
        atOnce = isTransient ? openState : OpenState.NEVER;
    }

    /** What ends the access; set once, before the access is handed out. */
    void releasedBy(Cleaner.Cleanable cleanable) {
        release = cleanable;
    }

    @Override
    public long allocate(long bytes, long alignmentBytes) {
        try {
            long handle = Handles.NONE;
            if (!atOnce.isClosed()) {
                CommitEngine.requireRequest(bytes, alignmentBytes);
                handle = access.allocateAtOnce(bytes, alignmentBytes);
            }
            return handle != Handles.NONE ? handle : allocateInSteps(bytes, alignmentBytes);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        } finally {
            // Not released for being unreachable while it works.
            Reference.reachabilityFence(this);
        }
    }

    private long allocateInSteps(long bytes, long alignmentBytes) {
        requireUsable();
        return isTransient
                ? engine.allocateTransient(access, bytes, alignmentBytes)
                : engine.allocate(access, bytes, alignmentBytes);
    }

    @Override
    public long allocateZeroed(long bytes, long alignmentBytes) {
        requireUsable();
        try {
            return zeroed.allocate(access, bytes, alignmentBytes);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void free(long handle) {
        try {
            if (!atOnce.isOpenWithoutNames() || !access.freeAtOnce(handle)) {
                freeInSteps(handle);
            }
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void freeInSteps(long handle) {
        requireUsable();
        if (isTransient) {
            engine.freeTransient(access, handle);
        } else {
            engine.free(access, handle);
        }
    }

    @Override
    public long reserve(long bytes) {
        requireUsable();
        try {
            return engine.reserve(access, bytes, Reservations.POOL);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void release() {
        released = true;
        atOnce = OpenState.NEVER;
        release.clean();
    }

    private void requireUsable() {
        openState.requireOpen();
        if (released) {
            throw new IllegalStateException("the access was released: open another by Pool.access");
        }
    }
}
