package pmem.recovery;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import pmem.api.PoolAccess;
import pmem.spi.PolicyAccess;

/** An access of a pool on any region. Used by one thread at a time. */
final class RegionPoolAccess implements PoolAccess {
    private final CommitEngine engine;
    private final ZeroedBlocks zeroed;
    private final OpenState openState;
    private final PolicyAccess access;
    private final boolean isTransient;
    private Cleaner.Cleanable release = () -> {};
    private boolean released;

    RegionPoolAccess(
            CommitEngine engine, ZeroedBlocks zeroed, OpenState openState, PolicyAccess access, boolean isTransient) {
        this.engine = engine;
        this.zeroed = zeroed;
        this.openState = openState;
        this.access = access;
        this.isTransient = isTransient;
    }

    /** What ends the access; set once, before the access is handed out. */
    void releasedBy(Cleaner.Cleanable cleanable) {
        release = cleanable;
    }

    @Override
    public long allocate(long bytes, long alignmentBytes) {
        requireUsable();
        try {
            return isTransient
                    ? engine.allocateTransient(access, bytes, alignmentBytes)
                    : engine.allocate(access, bytes, alignmentBytes);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        } finally {
            // Not released for being unreachable while it works.
            Reference.reachabilityFence(this);
        }
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
        requireUsable();
        try {
            if (isTransient) {
                engine.freeTransient(access, handle);
            } else {
                engine.free(access, handle);
            }
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        } finally {
            Reference.reachabilityFence(this);
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
        release.clean();
    }

    private void requireUsable() {
        openState.requireOpen();
        if (released) {
            throw new IllegalStateException("the access was released: open another by Pool.access");
        }
    }
}
