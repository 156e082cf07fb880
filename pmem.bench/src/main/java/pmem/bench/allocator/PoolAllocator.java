package pmem.bench.allocator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import pmem.api.DurabilityDomain;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Transaction;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;
import pmem.bench.measure.Workload;

/** A pool, used as an application uses it. */
class PoolAllocator implements Allocator {
    private static final int PAGE_BYTES = 4096;

    /** The pool. */
    final Pool pool;
    /** By slot. */
    final long[] handles;

    private final boolean counts;
    private final Body[] bodies;

    PoolAllocator(Subject subject, Setting setting) {
        PoolOptions options = PolicySetting.parse(subject.policy())
                .in(PoolOptions.createNew(setting.capacityBytes()))
                .countPersists(setting.countPersists());
        DurabilityDomain domain = DurabilityDomain.ofId(subject.domain());
        pool = domain == DurabilityDomain.VOLATILE
                ? Pool.openVolatile(options)
                : Pool.open(setting.directory().resolve("bench.pool"), options.durability(domain));
        counts = setting.countPersists();
        handles = new long[setting.slots()];
        bodies = new Body[setting.slots() / Workload.SLOTS_STRIDE + 1];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = new Body(handles);
        }
    }

    /** The same pool and slots. */
    PoolAllocator(PoolAllocator other) {
        pool = other.pool;
        counts = other.counts;
        handles = other.handles;
        bodies = other.bodies;
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(
                Capability.PLAIN,
                Capability.BATCH,
                Capability.PUBLISH,
                Capability.TRANSACTION,
                Capability.TRANSACTION_BATCH,
                Capability.CONTENT,
                Capability.LINK,
                Capability.REALLOCATE,
                Capability.TOUCH,
                Capability.BOUNDED,
                Capability.REMOTE_FREE);
    }

    @Override
    public void allocate(int slot, long bytes) {
        handles[slot] = pool.allocate(bytes);
    }

    @Override
    public void free(int slot) {
        pool.free(handles[slot]);
    }

    @Override
    public void allocateAll(int firstSlot, int count, long bytes) {
        long[] sizes = new long[count];
        java.util.Arrays.fill(sizes, bytes);
        System.arraycopy(pool.allocateAll(sizes), 0, handles, firstSlot, count);
    }

    @Override
    public void freeAll(int firstSlot, int count) {
        pool.freeAll(java.util.Arrays.copyOfRange(handles, firstSlot, firstSlot + count));
    }

    @Override
    public void allocatePublished(int slot, long bytes) {
        long handle = pool.reserve(bytes);
        pool.publish(handle);
        handles[slot] = handle;
    }

    @Override
    public void allocateLinked(int slot, long bytes) {
        long handle = pool.reserve(bytes);
        pool.publishTo(linkOf(slot), handle);
        handles[slot] = handle;
    }

    @Override
    public void freeLinked(int slot) {
        pool.unlinkAndFree(linkOf(slot), handles[slot], Handles.NONE);
    }

    // One link a thread, in a block of its own.
    private long linkOf(int slot) {
        Body body = bodies[slot / Workload.SLOTS_STRIDE];
        if (body.link == 0) {
            long holder = pool.allocate(Long.BYTES);
            pool.segment(holder).set(JAVA_LONG_UNALIGNED, 0, Handles.NONE);
            pool.persist(holder, 0, Long.BYTES);
            body.link = pool.link(holder, 0);
        }
        return body.link;
    }

    @Override
    public void allocateInTransaction(int slot, long bytes) {
        transaction(slot, 1, bytes);
    }

    @Override
    public void freeInTransaction(int slot) {
        transaction(slot, 1, 0);
    }

    @Override
    public void allocateAllInTransaction(int firstSlot, int count, long bytes) {
        transaction(firstSlot, count, bytes);
    }

    @Override
    public void freeAllInTransaction(int firstSlot, int count) {
        transaction(firstSlot, count, 0);
    }

    private void transaction(int firstSlot, int count, long bytes) {
        Body body = bodies[firstSlot / Workload.SLOTS_STRIDE];
        body.firstSlot = firstSlot;
        body.count = count;
        body.bytes = bytes;
        pool.transaction(body);
    }

    @Override
    public void fill(int slot, MemorySegment content, long bytes) {
        long handle = handles[slot];
        MemorySegment.copy(content, 0, pool.segment(handle), 0, bytes);
        pool.persist(handle, 0, bytes);
    }

    @Override
    public boolean holds(int slot, MemorySegment content, long bytes) {
        return MemorySegment.mismatch(content, 0, bytes, pool.segment(handles[slot]), 0, bytes) < 0;
    }

    @Override
    public void reallocate(int slot, long oldBytes, long newBytes) {
        long old = handles[slot];
        if (!pool.reallocate(old, newBytes)) {
            long moved = pool.allocate(newBytes);
            MemorySegment.copy(pool.segment(old), 0, pool.segment(moved), 0, oldBytes);
            pool.free(old);
            handles[slot] = moved;
        }
    }

    @Override
    public void touch(int slot, long bytes) {
        MemorySegment block = pool.segment(handles[slot]);
        for (long at = 0; at < bytes; at += PAGE_BYTES) {
            block.set(JAVA_BYTE, at, (byte) 1);
        }
    }

    @Override
    public long linesWrittenBack() {
        return counts ? pool.stats().linesWrittenBack() : -1;
    }

    @Override
    public long fences() {
        return counts ? pool.stats().fences() : -1;
    }

    @Override
    public void close() {
        pool.close();
    }

    // One a thread, made beforehand: a lambda that captures the slot would be garbage.
    private static final class Body implements Consumer<Transaction> {
        private final long[] handles;
        private int firstSlot;
        private int count;
        private long bytes;
        private long link;

        Body(long[] handles) {
            this.handles = handles;
        }

        @Override
        public void accept(Transaction transaction) {
            for (int slot = firstSlot; slot < firstSlot + count; slot++) {
                if (bytes > 0) {
                    handles[slot] = transaction.allocate(bytes);
                } else {
                    transaction.free(handles[slot]);
                }
            }
        }
    }
}
