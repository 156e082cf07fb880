package pmem.testkit.property;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import pmem.api.AuditReport;
import pmem.api.BlockVisitor;
import pmem.api.Durability;
import pmem.api.Finding;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolScope;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;
import pmem.api.ReferenceVisitor;
import pmem.api.ShrinkReport;
import pmem.api.Transaction;

/** Passes every call on to another pool; tests override what they want broken or observed. Thread-safe as that pool. */
public class ForwardingPool implements Pool {
    private final Pool pool;

    /** Passes calls on to the pool. */
    public ForwardingPool(Pool pool) {
        this.pool = pool;
    }

    @Override
    public long allocate(long bytes, long alignmentBytes) {
        return pool.allocate(bytes, alignmentBytes);
    }

    @Override
    public long[] allocateAll(long... bytes) {
        return pool.allocateAll(bytes);
    }

    @Override
    public void free(long handle) {
        pool.free(handle);
    }

    @Override
    public void freeAll(long... handles) {
        pool.freeAll(handles);
    }

    @Override
    public PoolAccess access() {
        return pool.access();
    }

    @Override
    public PoolAccess access(int numaNode) {
        return pool.access(numaNode);
    }

    @Override
    public List<Integer> numaNodes() {
        return pool.numaNodes();
    }

    @Override
    public OptionalInt numaNodeOf(long handle) {
        return pool.numaNodeOf(handle);
    }

    @Override
    public long reserve(long bytes) {
        return pool.reserve(bytes);
    }

    @Override
    public PoolScope scope() {
        return pool.scope();
    }

    @Override
    public long handle(MemorySegment segment) {
        return pool.handle(segment);
    }

    @Override
    public long allocateZeroed(long bytes, long alignmentBytes) {
        return pool.allocateZeroed(bytes, alignmentBytes);
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
    public long usableBytes(long handle) {
        return pool.usableBytes(handle);
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
    public long grow(long capacityBytes) {
        return pool.grow(capacityBytes);
    }

    @Override
    public ShrinkReport shrink(long capacityBytes) {
        return pool.shrink(capacityBytes);
    }

    @Override
    public long minCapacityBytes() {
        return pool.minCapacityBytes();
    }

    @Override
    public long trim() {
        return pool.trim();
    }

    @Override
    public long maxCapacityBytes() {
        return pool.maxCapacityBytes();
    }

    @Override
    public void sync() {
        pool.sync();
    }

    @Override
    public long slot(long handle, long offset) {
        return pool.slot(handle, offset);
    }

    @Override
    public long link(long handle, long offset) {
        return pool.link(handle, offset);
    }

    @Override
    public long rootSlot(String name) {
        return pool.rootSlot(name);
    }

    @Override
    public long load(long slot) {
        return pool.load(slot);
    }

    @Override
    public boolean publishTo(long slot, long expected, long handle) {
        return pool.publishTo(slot, expected, handle);
    }

    @Override
    public boolean unlinkAndFree(long slot, long expected, long next) {
        return pool.unlinkAndFree(slot, expected, next);
    }

    @Override
    public boolean replace(long slot, long expected, long handle) {
        return pool.replace(slot, expected, handle);
    }

    @Override
    public void transaction(Consumer<? super Transaction> body) {
        pool.transaction(body);
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

    @Override
    public AuditReport audit(ReferenceVisitor visitor) {
        return pool.audit(visitor);
    }

    @Override
    public void close() {
        pool.close();
    }
}
