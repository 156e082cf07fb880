package pmem.bench.allocator;

import com.intel.pmem.llpl.CompactMemoryBlock;
import com.intel.pmem.llpl.Heap;
import com.intel.pmem.llpl.MemoryBlock;
import com.intel.pmem.llpl.PersistentHeap;
import com.intel.pmem.llpl.PersistentMemoryBlock;
import com.intel.pmem.llpl.Transaction;
import com.intel.pmem.llpl.TransactionalHeap;
import com.intel.pmem.llpl.TransactionalMemoryBlock;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;

/** Intel's Low Level Persistence Library for Java, over libpmemobj. Its blocks are zeroed and not linked from anywhere. */
final class LlplAllocator {
    private LlplAllocator() {}

    private static String file(Setting setting) {
        Path file = setting.directory().resolve("llpl.pool");
        return file.toString();
    }

    private static Set<Capability> plain() {
        return EnumSet.of(Capability.PLAIN, Capability.REMOTE_FREE);
    }

    /** Blocks of a {@link Heap}, allocated outside of transactions. */
    static final class Blocks implements Allocator {
        private final Heap heap;
        private final MemoryBlock[] blocks;

        Blocks(Setting setting) {
            heap = Heap.createHeap(file(setting), setting.capacityBytes());
            blocks = new MemoryBlock[setting.slots()];
        }

        @Override
        public Set<Capability> capabilities() {
            return plain();
        }

        @Override
        public void allocate(int slot, long bytes) {
            blocks[slot] = heap.allocateMemoryBlock(bytes, false);
        }

        @Override
        public void free(int slot) {
            blocks[slot].free(false);
        }

        @Override
        public void close() {}
    }

    /** Compact blocks, which do not know their size. */
    static final class CompactBlocks implements Allocator {
        private final Heap heap;
        private final CompactMemoryBlock[] blocks;

        CompactBlocks(Setting setting) {
            heap = Heap.createHeap(file(setting), setting.capacityBytes());
            blocks = new CompactMemoryBlock[setting.slots()];
        }

        @Override
        public Set<Capability> capabilities() {
            return plain();
        }

        @Override
        public void allocate(int slot, long bytes) {
            blocks[slot] = heap.allocateCompactMemoryBlock(bytes, false);
        }

        @Override
        public void free(int slot) {
            blocks[slot].free(false);
        }

        @Override
        public void close() {}
    }

    /** Blocks of a {@link PersistentHeap}, whose writes are durable at return; allocated outside of transactions. */
    static final class PersistentBlocks implements Allocator {
        private final PersistentHeap heap;
        private final PersistentMemoryBlock[] blocks;

        PersistentBlocks(Setting setting) {
            heap = PersistentHeap.createHeap(file(setting), setting.capacityBytes());
            blocks = new PersistentMemoryBlock[setting.slots()];
        }

        @Override
        public Set<Capability> capabilities() {
            return plain();
        }

        @Override
        public void allocate(int slot, long bytes) {
            blocks[slot] = heap.allocateMemoryBlock(bytes, false);
        }

        @Override
        public void free(int slot) {
            blocks[slot].free(false);
        }

        @Override
        public void close() {}
    }

    /** Blocks of a {@link TransactionalHeap}. */
    static final class TransactionalBlocks implements Allocator {
        private final TransactionalHeap heap;
        private final TransactionalMemoryBlock[] blocks;

        TransactionalBlocks(Setting setting) {
            heap = TransactionalHeap.createHeap(file(setting), setting.capacityBytes());
            blocks = new TransactionalMemoryBlock[setting.slots()];
        }

        // Every call is a transaction of its own, so it stands in both kinds of workload.
        @Override
        public Set<Capability> capabilities() {
            return EnumSet.of(
                    Capability.PLAIN, Capability.TRANSACTION, Capability.TRANSACTION_BATCH, Capability.REMOTE_FREE);
        }

        @Override
        public void allocate(int slot, long bytes) {
            blocks[slot] = heap.allocateMemoryBlock(bytes);
        }

        @Override
        public void free(int slot) {
            blocks[slot].free();
        }

        @Override
        public void allocateInTransaction(int slot, long bytes) {
            allocate(slot, bytes);
        }

        @Override
        public void freeInTransaction(int slot) {
            free(slot);
        }

        @Override
        public void allocateAllInTransaction(int firstSlot, int count, long bytes) {
            Transaction.create(heap, () -> {
                for (int slot = firstSlot; slot < firstSlot + count; slot++) {
                    allocate(slot, bytes);
                }
            });
        }

        @Override
        public void freeAllInTransaction(int firstSlot, int count) {
            Transaction.create(heap, () -> {
                for (int slot = firstSlot; slot < firstSlot + count; slot++) {
                    free(slot);
                }
            });
        }

        @Override
        public void close() {}
    }
}
