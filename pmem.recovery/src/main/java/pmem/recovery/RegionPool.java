package pmem.recovery;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import pmem.api.BlockVisitor;
import pmem.api.Durability;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolClosedException;
import pmem.api.PoolCorruptedException;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;
import pmem.api.Transaction;
import pmem.api.TransactionException;
import pmem.recovery.Reservations.Reservation;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * A pool on any region with any policy: the commit engine for single words, and the entry to everything else.
 *
 * <p>The policy claims space; this class alone changes state fields and makes the changes durable. Every operation looks at
 * {@code closed} before it starts and, if it promises durability, again after its fence, since a region that was closed in
 * between swallows stores.
 */
final class RegionPool implements Pool {
    private final Region region;
    private final Superblock superblock;
    private final PolicyParameters parameters;
    private final Policy policy;
    private final UndoLog log;
    private final RootTable roots;
    private final RecoveryReport recovery;
    private final Reservations reservations = new Reservations();
    private final Claims claims = new Claims();
    private final ThreadLocal<Boolean> inTransaction = ThreadLocal.withInitial(() -> false);
    private final AtomicBoolean closeBegun = new AtomicBoolean();
    private volatile boolean closed;

    RegionPool(
            Region region,
            Superblock superblock,
            PolicyParameters parameters,
            Policy policy,
            UndoLog log,
            RootTable roots,
            RecoveryReport recovery) {
        this.region = region;
        this.superblock = superblock;
        this.parameters = parameters;
        this.policy = policy;
        this.log = log;
        this.roots = roots;
        this.recovery = recovery;
    }

    @Override
    public long allocate(long bytes, long alignmentBytes) {
        requireOpen();
        requireSize(bytes);
        if (Long.bitCount(alignmentBytes) != 1 || alignmentBytes < 0) {
            throw new IllegalArgumentException(
                    "alignment is not usable: expected a power of two, found=" + alignmentBytes);
        }
        try {
            long handle = claimSpace(bytes, alignmentBytes);
            long field = policy.stateField(handle);
            setAllocated(handle, field, policy.allocatedValue(handle, bytes, alignmentBytes));
            region.writeBackAndFence(PoolPoints.ALLOCATE, StateField.wordOffset(field));
            requireOpen();
            return handle;
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public long[] allocateAll(long... bytes) {
        requireOpen();
        for (long size : bytes) {
            requireSize(size);
        }
        try {
            long[] handles = reserveAll(bytes);
            long[] fields = new long[handles.length];
            for (int i = 0; i < handles.length; i++) {
                fields[i] = policy.stateField(handles[i]);
                setAllocated(handles[i], fields[i], policy.allocatedValue(handles[i], bytes[i], 1));
            }
            makeDurable(PoolPoints.ALLOCATE_ALL, fields, handles.length);
            requireOpen();
            return handles;
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    private long[] reserveAll(long[] bytes) {
        long[] handles = new long[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            try {
                handles[i] = claimSpace(bytes[i], 1);
            } catch (OutOfSpaceException full) {
                for (int j = 0; j < i; j++) {
                    policy.release(handles[j], policy.allocatedValue(handles[j], bytes[j], 1));
                }
                throw full;
            }
        }
        return handles;
    }

    @Override
    public void free(long handle) {
        requireOpen();
        try {
            long field = policy.stateField(handle);
            long value = clearAllocated(handle, field);
            region.writeBackAndFence(PoolPoints.FREE, StateField.wordOffset(field));
            requireOpen();
            // Only now: whoever reserves the space next must find the free on media.
            policy.release(handle, value);
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void freeAll(long... handles) {
        requireOpen();
        long[] fields = new long[handles.length];
        long[] values = new long[handles.length];
        int cleared = 0;
        try {
            try {
                for (; cleared < handles.length; cleared++) {
                    fields[cleared] = policy.stateField(handles[cleared]);
                    values[cleared] = clearAllocated(handles[cleared], fields[cleared]);
                }
            } finally {
                makeDurable(PoolPoints.FREE_ALL, fields, cleared);
                requireOpen();
                for (int i = 0; i < cleared; i++) {
                    policy.release(handles[i], values[i]);
                }
            }
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    // Blocks of one batch mostly lie side by side, so a line is written back once for all neighbours it has in the batch.
    private void makeDurable(PersistPoint point, long[] fields, int count) {
        long lastLine = -1;
        for (int i = 0; i < count; i++) {
            long line = StateField.wordOffset(fields[i]) / Region.LINE_BYTES;
            if (line != lastLine) {
                region.writeBack(point, line * Region.LINE_BYTES, Region.LINE_BYTES);
                lastLine = line;
            }
        }
        if (count > 0) {
            region.fence(point);
        }
    }

    @Override
    public long reserve(long bytes) {
        requireOpen();
        try {
            return reserveFor(bytes, 1, Reservations.POOL);
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void publish(long handle) {
        requireOpen();
        try {
            Reservation reservation = takeReserved("publish", handle);
            region.writeBack(PoolPoints.PUBLISH, handle, reservation.bytes());
            setAllocated(handle, reservation.field(), reservation.value());
            region.writeBack(PoolPoints.PUBLISH, StateField.wordOffset(reservation.field()), Long.BYTES);
            region.fence(PoolPoints.PUBLISH);
            requireOpen();
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void cancel(long handle) {
        requireOpen();
        try {
            Reservation reservation = takeReserved("cancel", handle);
            policy.release(handle, reservation.value());
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public boolean reallocate(long handle, long bytes) {
        requireSize(bytes);
        if (!isLive(handle)) {
            throw notLive("reallocate", handle);
        }
        return bytes <= usableBytes(handle);
    }

    @Override
    public MemorySegment segment(long handle) {
        return region.slice(handle, usableBytes(handle));
    }

    @Override
    public long usableBytes(long handle) {
        requireOpen();
        try {
            long field = policy.stateField(handle);
            long value = field == StateField.NONE ? 0 : StateWords.load(region, field);
            if (value != 0) {
                return policy.usableBytes(handle, value);
            }
            Reservation reservation = reservations.find(handle);
            if (reservation.field() == StateField.NONE) {
                throw notLive("use", handle);
            }
            return reservation.usableBytes();
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public boolean isLive(long handle) {
        requireOpen();
        try {
            long field = policy.stateField(handle);
            return field != StateField.NONE && StateWords.load(region, field) != 0;
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void persist(long handle, long offset, long bytes) {
        writeBack(handle, offset, bytes);
        fence();
    }

    @Override
    public void writeBack(long handle, long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, usableBytes(handle));
        if (bytes == 0) {
            return;
        }
        try {
            region.writeBack(PoolPoints.USER_DATA, handle + offset, bytes);
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void fence() {
        requireOpen();
        try {
            region.fence(PoolPoints.USER_DATA);
            requireOpen();
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void transaction(Consumer<? super Transaction> body) {
        requireOpen();
        if (inTransaction.get()) {
            throw new TransactionException("a transaction is already running on this thread: nesting is not supported;"
                    + " pass the running transaction on instead");
        }
        inTransaction.set(true);
        RecoveryTransaction transaction = new RecoveryTransaction(this, region, policy, claims, log);
        try {
            runBody(transaction, body);
            transaction.commit();
            requireOpen();
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        } finally {
            inTransaction.remove();
        }
    }

    private static void runBody(RecoveryTransaction transaction, Consumer<? super Transaction> body) {
        boolean completed = false;
        try {
            body.accept(transaction);
            completed = true;
        } finally {
            if (!completed) {
                transaction.abort();
            }
        }
    }

    @Override
    public long root(String name) {
        requireOpen();
        try {
            return roots.get(name);
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void setRoot(String name, long handle) {
        requireOpen();
        try {
            roots.set(name, handle);
            requireOpen();
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public Map<String, Long> roots() {
        requireOpen();
        try {
            return roots.all();
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void forEachBlock(BlockVisitor visitor) {
        requireOpen();
        try {
            policy.forEachAllocated(visitor);
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public PoolStats stats() {
        requireOpen();
        try {
            return new PoolStats(
                    region.capacityBytes(),
                    fixedBytes() + policy.metadataBytes(),
                    usedBytes(),
                    policy.liveBlocks() - reservations.count(),
                    policy.liveBytes() - reservations.usableBytes(),
                    policy.largestFreeBytes(),
                    region.linesWrittenBack(),
                    region.fences());
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public long usedBytes() {
        requireOpen();
        return fixedBytes() + policy.usedBytes();
    }

    private long fixedBytes() {
        return region.capacityBytes() - superblock.geometry().policyBytes();
    }

    @Override
    public Durability durability() {
        return region.durability();
    }

    @Override
    public RecoveryReport recovery() {
        return recovery;
    }

    @Override
    public String policy() {
        return superblock.policyId() + " " + parameters;
    }

    @Override
    public List<Finding> verify() {
        requireOpen();
        try {
            return new PoolVerifier(region, superblock, policy, reservations).run();
        } catch (IllegalStateException failure) {
            throw closedOr(failure);
        }
    }

    @Override
    public void close() {
        if (!closeBegun.compareAndSet(false, true)) {
            return;
        }
        closed = true;
        try {
            policy.close();
            RunState.mark(region, SuperblockLayout.CLEAN, PoolPoints.CLOSE_MARKED);
        } finally {
            region.close();
        }
    }

    @Override
    public String toString() {
        return region.name() + ": " + superblock;
    }

    Reservations reservations() {
        return reservations;
    }

    /** Reserves space on behalf of an owner. */
    long reserveFor(long bytes, long alignmentBytes, Object owner) {
        requireOpen();
        requireSize(bytes);
        long handle = claimSpace(bytes, alignmentBytes);
        reservations.add(handle, policy, bytes, alignmentBytes, owner);
        return handle;
    }

    /** Gives reserved space back if nobody did so before. */
    void cancel(long handle, Reservation reservation) {
        if (reservations.remove(handle, reservation)) {
            policy.release(handle, reservation.value());
        }
    }

    /** The error for a handle that names no live block, with what can be said about why. */
    InvalidHandleException notLive(String operation, long handle) {
        boolean inSpace = handle >= superblock.geometry().policyStartOffset()
                && handle < superblock.geometry().policyEndOffset();
        String found;
        if (handle == Handles.NONE) {
            found = "no handle";
        } else if (!inSpace) {
            found = "a handle outside the pool's blocks, perhaps of another pool";
        } else if (reservations.find(handle).field() != StateField.NONE) {
            found = "a block that is only reserved; publish or cancel it";
        } else if (policy.stateField(handle) == StateField.NONE) {
            found = "a place where no block starts: inside a block, misaligned, or free space";
        } else {
            found = "a block that is free, perhaps freed before";
        }
        return new InvalidHandleException("cannot " + operation + " block: expected the handle of a live block, found " + found
                + "; handle=" + Handles.format(handle) + " policy=" + superblock.policyId() + " pool=" + region.name()
                + "; nothing was changed");
    }

    private long claimSpace(long bytes, long alignmentBytes) {
        long handle = policy.reserve(bytes, alignmentBytes);
        if (handle == Handles.NONE) {
            throw new OutOfSpaceException("no contiguous space is left: askedBytes=" + bytes + " alignmentBytes="
                    + alignmentBytes + ", expected at most " + policy.largestFreeBytes() + " bytes, capacityBytes="
                    + region.capacityBytes() + " usedBytes=" + usedBytes() + " pool=" + region.name()
                    + "; free blocks or use a larger pool");
        }
        return handle;
    }

    private void setAllocated(long handle, long field, long value) {
        long found = StateWords.change(region, field, 0, value);
        if (found != 0) {
            throw new PoolCorruptedException("a reserved block is allocated on media: handle=" + Handles.format(handle)
                    + ", expected state 0, found=0x" + Long.toHexString(found) + " pool=" + region.name()
                    + "; metadata was changed from outside the pool");
        }
    }

    // Clears first and looks for claims second; Claims says why in this order.
    private long clearAllocated(long handle, long field) {
        long value = field == StateField.NONE ? 0 : StateWords.clear(region, field);
        if (value == 0) {
            throw notLive("free", handle);
        }
        if (claims.isClaimed(handle)) {
            StateWords.change(region, field, 0, value);
            region.writeBackAndFence(PoolPoints.FREE_REFUSED, StateField.wordOffset(field));
            throw new TransactionException("cannot free block: a running transaction frees it, handle="
                    + Handles.format(handle) + " pool=" + region.name() + "; nothing was changed");
        }
        return value;
    }

    private Reservation takeReserved(String operation, long handle) {
        Reservation reservation = reservations.find(handle);
        if (reservation.field() == StateField.NONE
                || reservation.owner() != Reservations.POOL
                || !reservations.remove(handle, reservation)) {
            throw new InvalidHandleException("cannot " + operation
                    + " block: expected the handle of a reserved block, found another; handle=" + Handles.format(handle)
                    + " pool=" + region.name() + "; nothing was changed");
        }
        return reservation;
    }

    private static void requireSize(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("size is not usable: expected at least 1 byte, found=" + bytes);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new PoolClosedException("the pool is closed: pool=" + region.name()
                    + "; an operation that was under way may or may not have taken effect");
        }
    }

    // The region refuses access after it was closed by another thread; anything else is a defect and shown as it is.
    private RuntimeException closedOr(IllegalStateException failure) {
        requireOpen();
        return failure;
    }
}
