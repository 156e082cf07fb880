package pmem.recovery;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.PoolScope;
import pmem.spi.BlockGroup;
import pmem.spi.Policy;
import pmem.spi.Region;

/** A scope over a group of blocks of the policy. The arena of the JDK inside refuses other threads and calls after the close. */
final class RegionScope implements PoolScope {
    private final Region region;
    private final CommitEngine engine;
    private final OpenState openState;
    private final OpenScopes scopes;
    private final BlockGroup blocks;
    private final Thread owner = Thread.currentThread();
    private final Arena lifetime = Arena.ofConfined();
    private final MemorySegment memory;

    RegionScope(Region region, Policy policy, CommitEngine engine, OpenState openState, OpenScopes scopes) {
        this.region = region;
        this.engine = engine;
        this.openState = openState;
        this.scopes = scopes;
        memory = region.view(lifetime);
        blocks = policy.newGroup();
        scopes.add(blocks);
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        if (byteSize < 0 || byteAlignment <= 0 || Long.bitCount(byteAlignment) != 1) {
            throw new IllegalArgumentException(
                    "segment is not possible: expected a size of at least 0 and an alignment that is a power of two, found"
                            + " byteSize=" + byteSize + " byteAlignment=" + byteAlignment);
        }
        requireUsable();
        try {
            long handle = engine.reserve(blocks, Math.max(1, byteSize), byteAlignment);
            openState.requireOpen();
            return memory.asSlice(handle, byteSize).fill((byte) 0);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public MemorySegment.Scope scope() {
        return lifetime.scope();
    }

    @Override
    public long keep(MemorySegment segment) {
        long handle = detach(segment);
        try {
            engine.publish(handle);
            return handle;
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public long detach(MemorySegment segment) {
        requireUsable();
        long handle = handleOf(region, segment);
        try {
            long usableBytes = handle == Handles.NONE ? 0 : blocks.usableBytes(handle);
            if (usableBytes == 0 || segment.byteSize() > usableBytes) {
                throw new InvalidHandleException(
                        "cannot take block out of scope: expected a segment that this scope allocated and still has, found"
                                + " byteSize=" + segment.byteSize() + " handle=" + Handles.format(handle) + " pool="
                                + region.name() + "; nothing was changed");
            }
            engine.detach(blocks, handle, usableBytes, Math.max(1, segment.byteSize()));
            return handle;
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void close() {
        // Before the blocks are free for others: from here on nobody has a segment on them.
        lifetime.close();
        try {
            if (!openState.isClosed()) {
                blocks.release();
            }
        } catch (IllegalStateException failure) {
            // A pool that is closed has freed the blocks already.
            if (!openState.isClosed()) {
                throw failure;
            }
        } finally {
            scopes.remove(blocks);
        }
    }

    // As an access to a segment of the scope would do.
    private void requireUsable() {
        openState.requireOpen();
        if (!lifetime.scope().isAlive()) {
            throw new IllegalStateException("the scope is closed: pool=" + region.name());
        }
        if (!owner.equals(Thread.currentThread())) {
            throw new WrongThreadException("a scope belongs to the thread that opened it: expected=" + owner.getName()
                    + ", found=" + Thread.currentThread().getName() + " pool=" + region.name());
        }
    }

    /** Where a segment starts in a region, {@link Handles#NONE} if it is not of it. */
    static long handleOf(Region region, MemorySegment segment) {
        MemorySegment first = region.slice(0, Long.BYTES);
        long offset = segment.address() - first.address();
        boolean inside = offset > 0 && offset <= region.capacityBytes() - segment.byteSize();
        return inside && segment.heapBase().equals(first.heapBase()) ? offset : Handles.NONE;
    }
}
