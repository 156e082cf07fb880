package pmem.recovery;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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
import pmem.api.TransactionException;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.Region;

/**
 * A pool on any region with any policy: the face of the module. Refuses calls on a closed pool and passes the others on to the
 * part that does the work.
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
    private final OpenState openState;
    private final CommitEngine engine;
    private final Optional<Finding> sinceClose;
    private final ThreadLocal<Boolean> inTransaction = ThreadLocal.withInitial(() -> false);
    private final AtomicBoolean closeBegun = new AtomicBoolean();

    RegionPool(
            Region region,
            Superblock superblock,
            PolicyParameters parameters,
            Policy policy,
            UndoLog log,
            RootTable roots,
            RecoveryReport recovery,
            Optional<Finding> sinceClose) {
        this.region = region;
        this.superblock = superblock;
        this.parameters = parameters;
        this.policy = policy;
        this.log = log;
        this.roots = roots;
        this.recovery = recovery;
        this.sinceClose = sinceClose;
        this.openState = new OpenState(region.name());
        this.engine = new CommitEngine(region, superblock.geometry(), policy, claims, reservations, openState);
    }

    @Override
    public long allocate(long bytes, long alignmentBytes) {
        openState.requireOpen();
        try {
            return engine.allocate(bytes, alignmentBytes);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public long[] allocateAll(long... bytes) {
        openState.requireOpen();
        try {
            return engine.allocateAll(bytes);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void free(long handle) {
        openState.requireOpen();
        try {
            engine.free(handle);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void freeAll(long... handles) {
        openState.requireOpen();
        try {
            engine.freeAll(handles);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public long reserve(long bytes) {
        openState.requireOpen();
        try {
            return engine.reserve(bytes, Reservations.POOL);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void publish(long handle) {
        openState.requireOpen();
        try {
            engine.publish(handle);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void cancel(long handle) {
        openState.requireOpen();
        try {
            engine.cancel(handle);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public boolean reallocate(long handle, long bytes) {
        openState.requireOpen();
        try {
            CommitEngine.requireSize(bytes);
            return bytes <= engine.liveBytes("reallocate", handle);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public MemorySegment segment(long handle) {
        openState.requireOpen();
        try {
            return region.slice(handle, engine.usableBytes(handle));
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public long usableBytes(long handle) {
        openState.requireOpen();
        try {
            return engine.usableBytes(handle);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public boolean isLive(long handle) {
        openState.requireOpen();
        try {
            return engine.isLive(handle);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void persist(long handle, long offset, long bytes) {
        writeBack(handle, offset, bytes);
        fence();
    }

    @Override
    public void writeBack(long handle, long offset, long bytes) {
        openState.requireOpen();
        try {
            Objects.checkFromIndexSize(offset, bytes, engine.usableBytes(handle));
            if (bytes > 0) {
                region.writeBack(PoolPoints.USER_DATA, handle + offset, bytes);
            }
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void fence() {
        openState.requireOpen();
        try {
            region.fence(PoolPoints.USER_DATA);
            openState.requireOpen();
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void transaction(Consumer<? super Transaction> body) {
        openState.requireOpen();
        if (inTransaction.get()) {
            throw new TransactionException("a transaction is already running on this thread: nesting is not supported;"
                    + " pass the running transaction on instead");
        }
        inTransaction.set(true);
        try {
            runTransaction(body);
            openState.requireOpen();
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        } finally {
            inTransaction.remove();
        }
    }

    private void runTransaction(Consumer<? super Transaction> body) {
        RecoveryTransaction transaction = new RecoveryTransaction(region, policy, engine, reservations, claims, log);
        boolean completed = false;
        try {
            body.accept(transaction);
            completed = true;
        } finally {
            if (!completed) {
                transaction.abort();
            }
        }
        transaction.commit();
    }

    @Override
    public long root(String name) {
        openState.requireOpen();
        try {
            return roots.get(name);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void setRoot(String name, long handle) {
        openState.requireOpen();
        try {
            roots.set(name, handle);
            openState.requireOpen();
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public Map<String, Long> roots() {
        openState.requireOpen();
        try {
            return roots.all();
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void forEachBlock(BlockVisitor visitor) {
        openState.requireOpen();
        try {
            policy.forEachAllocated(visitor);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public PoolStats stats() {
        openState.requireOpen();
        try {
            return new PoolStats(
                    region.capacityBytes(),
                    fixedBytes() + policy.metadataBytes(),
                    fixedBytes() + policy.usedBytes(),
                    policy.liveBlocks() - reservations.count(),
                    policy.liveBytes() - reservations.usableBytes(),
                    policy.largestFreeBytes(),
                    region.linesWrittenBack(),
                    region.fences());
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public long usedBytes() {
        openState.requireOpen();
        return fixedBytes() + policy.usedBytes();
    }

    // Superblocks, log, roots, and what is left over at the end.
    private long fixedBytes() {
        return region.capacityBytes() - superblock.geometry().policyBytes();
    }

    @Override
    public Durability durability() {
        openState.requireOpen();
        return region.durability();
    }

    @Override
    public RecoveryReport recovery() {
        openState.requireOpen();
        return recovery;
    }

    @Override
    public String policy() {
        openState.requireOpen();
        return superblock.policyId() + " " + parameters;
    }

    @Override
    public List<Finding> verify() {
        openState.requireOpen();
        try {
            return new PoolVerifier(region, superblock, policy, reservations).run();
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    /** What this open found about the blocks since the pool was closed. */
    Optional<Finding> sinceClose() {
        return sinceClose;
    }

    @Override
    public AuditReport audit(ReferenceVisitor visitor) {
        openState.requireOpen();
        try {
            return new PoolAudit(this, visitor).run();
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public void close() {
        if (!closeBegun.compareAndSet(false, true)) {
            return;
        }
        openState.close();
        try {
            policy.close();
            RunState.markClean(
                    region,
                    policy.liveBlocks() - reservations.count(),
                    policy.liveBytes() - reservations.usableBytes(),
                    PoolPoints.CLOSE_MARKED);
        } finally {
            region.close();
        }
    }

    @Override
    public String toString() {
        return region.name() + ": " + superblock;
    }
}
