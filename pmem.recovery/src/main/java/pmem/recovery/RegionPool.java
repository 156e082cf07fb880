package pmem.recovery;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import pmem.api.AuditReport;
import pmem.api.BlockVisitor;
import pmem.api.Durability;
import pmem.api.Finding;
import pmem.api.InvalidHandleException;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolOptions;
import pmem.api.PoolScope;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;
import pmem.api.ReferenceVisitor;
import pmem.api.ShrinkReport;
import pmem.api.Transaction;
import pmem.spi.NodeStretches;
import pmem.spi.Policy;
import pmem.spi.Region;

/**
 * A pool on any region with any policy: the face of the module. Refuses calls on a closed pool and passes the others on to the
 * part that does the work.
 */
final class RegionPool implements Pool {
    private final Region region;
    private final Superblock superblock;
    private final RecordedPolicy recorded;
    private final Policy policy;
    private final UndoLog log;
    private final RootTable roots;
    private final RecoveryReport recovery;
    private final OpenState openState;
    private final OpenIntents intents;
    private final GroupCommit commit;
    private final CommitEngine engine;
    private final BlockBatches batches;
    private final BlockResizer resizer;
    private final ZeroedBlocks zeroed;
    private final Optional<Finding> sinceClose;
    private final LinkEngine links;
    private final PoolCapacity capacity;
    private final PoolFigures figures;
    private final TransactionRunner transactions;
    private final OpenScopes scopes = new OpenScopes();
    private final Accesses accesses;
    private final AtomicBoolean closeBegun = new AtomicBoolean();

    RegionPool(
            Region region,
            Superblock superblock,
            RecordedPolicy recorded,
            Policy policy,
            RootTable roots,
            RecoveryReport recovery,
            Optional<Finding> sinceClose,
            PoolOptions options) {
        this.region = region;
        this.superblock = superblock;
        this.recorded = recorded;
        this.policy = policy;
        this.roots = roots;
        this.recovery = recovery;
        this.sinceClose = sinceClose;
        PoolGeometry geometry = superblock.geometry();
        PoolGeometry largest = geometry.largest();
        Reservations reservations = new Reservations(policy);
        this.log = new UndoLog(region, geometry);
        this.openState = new OpenState(region.name());
        Claims claims = new Claims(openState);
        this.intents = new OpenIntents(region, policy, log, openState);
        this.commit = new GroupCommit(region, policy, options);
        this.engine = new CommitEngine(region, largest, policy, claims, reservations, intents, commit, openState);
        this.batches = new BlockBatches(region, policy, engine, commit, openState);
        this.resizer = new BlockResizer(region, policy, engine, claims, intents, openState);
        this.zeroed = new ZeroedBlocks(region, policy, engine);
        this.transactions =
                new TransactionRunner(region, policy, engine, reservations, claims, log, intents, openState);
        this.capacity = new PoolCapacity(region, recorded, policy, engine, openState);
        this.figures = new PoolFigures(region, geometry, capacity, policy, reservations, intents, commit, scopes);
        this.accesses = new Accesses(region, policy, engine, zeroed, openState, options.accessLimit());
        this.links = new LinkEngine(region, largest, policy, engine, reservations, claims, log, intents, openState);
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
    public long allocateZeroed(long bytes, long alignmentBytes) {
        openState.requireOpen();
        try {
            return zeroed.allocate(engine.shared(), bytes, alignmentBytes);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public long[] allocateAll(long... bytes) {
        return guarded(() -> batches.allocateAll(bytes));
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
        guarded(() -> batches.freeAll(handles));
    }

    @Override
    public long reserve(long bytes) {
        openState.requireOpen();
        try {
            return engine.reserve(engine.shared(), bytes, Reservations.POOL);
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
    public PoolScope scope() {
        return guarded(() -> new RegionScope(region, policy, engine, openState, scopes));
    }

    @Override
    public long handle(MemorySegment segment) {
        return guarded(() -> {
            long handle = RegionScope.handleOf(region, segment);
            if (handle < superblock.geometry().policyStartOffset() || handle >= capacity.policyEndOffset()) {
                throw new InvalidHandleException(
                        "segment is not of this pool's blocks: expected one of " + region.name() + ", found address=0x"
                                + Long.toHexString(segment.address()) + " byteSize=" + segment.byteSize());
            }
            return handle;
        });
    }

    @Override
    public boolean reallocate(long handle, long bytes) {
        CommitEngine.requireSize(bytes);
        openState.requireOpen();
        try {
            return resizer.resize(handle, bytes);
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
    public long grow(long capacityBytes) {
        return guarded(() -> capacity.grow(capacityBytes));
    }

    @Override
    public ShrinkReport shrink(long capacityBytes) {
        return guarded(() -> capacity.shrink(capacityBytes));
    }

    @Override
    public long trim() {
        return guarded(capacity::trim);
    }

    @Override
    public long minCapacityBytes() {
        openState.requireOpen();
        return capacity.minBytes();
    }

    @Override
    public long maxCapacityBytes() {
        openState.requireOpen();
        return capacity.maxBytes();
    }

    @Override
    public void sync() {
        guarded(() -> {
            commit.sync();
            openState.requireOpen();
        });
    }

    @Override
    public long slot(long handle, long offset) {
        return guarded(() -> Slots.ordinary(links.wordOf(handle, offset)));
    }

    @Override
    public long link(long handle, long offset) {
        return guarded(() -> Slots.link(links.wordOf(handle, offset)));
    }

    @Override
    public long rootSlot(String name) {
        return guarded(() -> Slots.link(roots.hold(name)));
    }

    @Override
    public long load(long slot) {
        return guarded(() -> links.load(slot));
    }

    @Override
    public boolean publishTo(long slot, long expected, long handle) {
        return changeSlot(slot, expected, handle, handle, false);
    }

    @Override
    public boolean unlinkAndFree(long slot, long expected, long next) {
        return changeSlot(slot, expected, next, LinkEngine.NOTHING, true);
    }

    @Override
    public boolean replace(long slot, long expected, long handle) {
        return changeSlot(slot, expected, handle, handle, true);
    }

    private boolean changeSlot(long slot, long expected, long newValue, long published, boolean freesExpected) {
        openState.requireOpen();
        transactions.requireNone();
        try {
            return links.change(slot, expected, newValue, published, freesExpected);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public PoolAccess access() {
        openState.requireOpen();
        return accesses.open();
    }

    @Override
    public PoolAccess access(int numaNode) {
        openState.requireOpen();
        return accesses.open(numaNode);
    }

    @Override
    public List<Integer> numaNodes() {
        return policy.nodes().nodes();
    }

    @Override
    public OptionalInt numaNodeOf(long handle) {
        usableBytes(handle);
        NodeStretches nodes = region.nodes();
        return nodes.nodes().isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(nodes.nodes().get(nodes.indexAt(handle)));
    }

    @Override
    public void transaction(Consumer<? super Transaction> body) {
        openState.requireOpen();
        try {
            transactions.run(body);
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public long root(String name) {
        return guarded(() -> roots.get(name));
    }

    @Override
    public void setRoot(String name, long handle) {
        guarded(() -> {
            roots.set(name, handle, links);
            openState.requireOpen();
        });
    }

    @Override
    public Map<String, Long> roots() {
        return guarded(roots::all);
    }

    @Override
    public void forEachBlock(BlockVisitor visitor) {
        guarded(() -> policy.forEachAllocated(visitor));
    }

    @Override
    public PoolStats stats() {
        return guarded(figures::stats);
    }

    @Override
    public long usedBytes() {
        openState.requireOpen();
        return figures.usedBytes();
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
        return superblock.policyId() + " " + recorded.parameters();
    }

    @Override
    public List<Finding> verify() {
        return guarded(() -> new PoolVerifier(
                        region,
                        superblock,
                        capacity.policyEndOffset(),
                        policy,
                        figures.notLiveBlocks(),
                        figures.notLiveBytes())
                .run());
    }

    /** What this open found about the blocks since the pool was closed. */
    Optional<Finding> sinceClose() {
        return sinceClose;
    }

    @Override
    public AuditReport audit(ReferenceVisitor visitor) {
        return guarded(() -> new PoolAudit(this, visitor).run());
    }

    @Override
    public void close() {
        if (!closeBegun.compareAndSet(false, true)) {
            return;
        }
        openState.close();
        log.stop();
        try {
            commit.close();
            intents.settleForClose();
            policy.close();
            RunState.markClean(region, figures.atClose(), PoolPoints.CLOSE_MARKED);
        } finally {
            region.close();
        }
    }

    private <T> T guarded(Supplier<T> call) {
        openState.requireOpen();
        try {
            return call.get();
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    private void guarded(Runnable call) {
        openState.requireOpen();
        try {
            call.run();
        } catch (IllegalStateException failure) {
            throw openState.closedOr(failure);
        }
    }

    @Override
    public String toString() {
        return region.name() + ": " + superblock;
    }
}
