package pmem.bench.allocator;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.EnumSet;
import java.util.Set;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;
import pmem.bench.measure.Workload;

/**
 * libpmemobj through FFM: handles in volatile memory for the plain calls, in the root object for the linked ones.
 */
final class PmemobjAllocator implements Allocator {
    private static final long TYPE = 1;

    private final MemorySegment pool;
    private final MemorySegment volatileSlots;
    private final MemorySegment durableSlots;
    private final Scratch[] scratch;

    PmemobjAllocator(Setting setting) {
        pool = Pmemobj.create(setting.directory().resolve("pmemobj.pool").toString(), setting.capacityBytes());
        long slotBytes = setting.slots() * Pmemobj.OID_BYTES;
        volatileSlots = Arena.global().allocate(slotBytes, 64);
        durableSlots = root(slotBytes);
        scratch = new Scratch[setting.slots() / Workload.SLOTS_STRIDE + 1];
        for (int i = 0; i < scratch.length; i++) {
            scratch[i] = new Scratch();
        }
    }

    private MemorySegment root(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment oid = (MemorySegment) Pmemobj.ROOT.invokeExact((SegmentAllocator) arena, pool, bytes);
            MemorySegment root = (MemorySegment) Pmemobj.DIRECT.invokeExact(oid);
            if (root.address() == 0) {
                throw Pmemobj.failed("pmemobj_root");
            }
            return root.reinterpret(bytes);
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(
                Capability.PLAIN,
                Capability.BATCH,
                Capability.PUBLISH,
                Capability.TRANSACTION,
                Capability.TRANSACTION_BATCH,
                Capability.LINK,
                Capability.REMOTE_FREE);
    }

    @Override
    public void allocate(int slot, long bytes) {
        allocate(volatileSlots, slot, bytes);
    }

    @Override
    public void free(int slot) {
        free(volatileSlots, slot);
    }

    @Override
    public void allocateLinked(int slot, long bytes) {
        allocate(durableSlots, slot, bytes);
    }

    @Override
    public void freeLinked(int slot) {
        free(durableSlots, slot);
    }

    private void allocate(MemorySegment slots, int slot, long bytes) {
        long oid = slots.address() + slot * Pmemobj.OID_BYTES;
        try {
            int failed =
                    (int) Pmemobj.ALLOC.invokeExact(pool, oid, bytes, TYPE, MemorySegment.NULL, MemorySegment.NULL);
            if (failed != 0) {
                throw Pmemobj.failed("pmemobj_alloc");
            }
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    private static void free(MemorySegment slots, int slot) {
        try {
            Pmemobj.FREE.invokeExact(slots.address() + slot * Pmemobj.OID_BYTES);
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    private MemorySegment oid(int slot) {
        return volatileSlots.asSlice(slot * Pmemobj.OID_BYTES, Pmemobj.OID_BYTES);
    }

    private Scratch scratchOf(int slot) {
        return scratch[slot / Workload.SLOTS_STRIDE];
    }

    @Override
    public void allocatePublished(int slot, long bytes) {
        allocateAll(slot, 1, bytes);
    }

    @Override
    public void freePublished(int slot) {
        freeAll(slot, 1);
    }

    @Override
    public void allocateAll(int firstSlot, int count, long bytes) {
        Scratch mine = scratchOf(firstSlot);
        try {
            for (int i = 0; i < count; i++) {
                MemorySegment oid =
                        (MemorySegment) Pmemobj.RESERVE.invokeExact(mine.results, pool, mine.action(i), bytes, TYPE);
                if (oid.get(JAVA_LONG, 8) == 0) {
                    throw Pmemobj.failed("pmemobj_reserve");
                }
                oid(firstSlot + i).copyFrom(oid);
            }
            publish(mine, count);
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    @Override
    public void freeAll(int firstSlot, int count) {
        Scratch mine = scratchOf(firstSlot);
        try {
            for (int i = 0; i < count; i++) {
                Pmemobj.DEFER_FREE.invokeExact(pool, oid(firstSlot + i), mine.action(i));
            }
            publish(mine, count);
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    private void publish(Scratch mine, long count) throws Throwable {
        if ((int) Pmemobj.PUBLISH.invokeExact(pool, mine.actions, count) != 0) {
            throw Pmemobj.failed("pmemobj_publish");
        }
    }

    @Override
    public void allocateInTransaction(int slot, long bytes) {
        allocateAllInTransaction(slot, 1, bytes);
    }

    @Override
    public void freeInTransaction(int slot) {
        freeAllInTransaction(slot, 1);
    }

    @Override
    public void allocateAllInTransaction(int firstSlot, int count, long bytes) {
        SegmentAllocator results = scratchOf(firstSlot).results;
        try {
            begin();
            for (int i = 0; i < count; i++) {
                MemorySegment oid = (MemorySegment) Pmemobj.TX_ALLOC.invokeExact(results, bytes, TYPE);
                oid(firstSlot + i).copyFrom(oid);
            }
            end();
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    @Override
    public void freeAllInTransaction(int firstSlot, int count) {
        try {
            begin();
            for (int i = 0; i < count; i++) {
                int failed = (int) Pmemobj.TX_FREE.invokeExact(oid(firstSlot + i));
                if (failed != 0) {
                    throw Pmemobj.failed("pmemobj_tx_free");
                }
            }
            end();
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    private void begin() throws Throwable {
        if ((int) Pmemobj.TX_BEGIN.invokeExact(pool, MemorySegment.NULL, 0) != 0) {
            throw Pmemobj.failed("pmemobj_tx_begin");
        }
    }

    // A failed step has aborted the transaction, which its end then reports.
    private static void end() throws Throwable {
        Pmemobj.TX_COMMIT.invokeExact();
        if ((int) Pmemobj.TX_END.invokeExact() != 0) {
            throw Pmemobj.failed("pmemobj_tx_end");
        }
    }

    private static RuntimeException rethrown(Throwable failure) {
        return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
    }

    @Override
    public void close() {
        try {
            Pmemobj.CLOSE.invokeExact(pool);
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    // Of one thread: where results come and the actions of a batch are.
    private static final class Scratch {
        private static final int ACTIONS_MAX = 32;

        private final SegmentAllocator results =
                SegmentAllocator.prefixAllocator(Arena.global().allocate(Pmemobj.OID_BYTES, 8));
        private final MemorySegment actions = Arena.global().allocate(ACTIONS_MAX * Pmemobj.ACTION_BYTES, 64);
        private final MemorySegment[] action = new MemorySegment[ACTIONS_MAX];

        Scratch() {
            for (int i = 0; i < ACTIONS_MAX; i++) {
                action[i] = actions.asSlice(i * Pmemobj.ACTION_BYTES, Pmemobj.ACTION_BYTES);
            }
        }

        MemorySegment action(int index) {
            return action[index];
        }
    }
}
