package pmem.testkit.crash;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import pmem.api.AuditReport;
import pmem.api.BlockVisitor;
import pmem.api.Durability;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolOpenException;
import pmem.api.PoolStats;
import pmem.api.RecoveryReport;
import pmem.api.ReferenceVisitor;
import pmem.api.Transaction;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * The smallest pool worth crashing, right or with one planted bug: blocks of 256 bytes, one bitmap word, two roots, an undo
 * log of one entry line.
 *
 * <pre>
 * 0x00 magic, 0x08 run state | 0x40 bitmap | 0x80 two roots | 0xc0 log: entry count, then pairs of offset and old value | 0x400 blocks
 * </pre>
 */
final class ToyPool implements Pool {
    /** What is wrong with the pool. */
    enum Bug {
        /** Nothing. */
        NONE,
        /** The state word is stored but not made durable when allocate returns. */
        BIT_DURABLE_AFTER_HAND_OUT,
        /** Free writes its line back and forgets the fence. */
        FENCE_FORGOTTEN,
        /** The rebuild counts blocks twice after a crash. */
        DOUBLE_COUNT_ON_REBUILD,
        /** A transaction stores its words, without logging them, before the state words are durable. */
        LINK_BEFORE_STATE
    }

    static final PersistPoint FORMAT = new PersistPoint("toy.format", "Everything is there before the magic.");
    static final PersistPoint MAGIC = new PersistPoint("toy.magic", "The pool exists when create returns.");
    static final PersistPoint OPEN = new PersistPoint("toy.open", "A crash is told from a clean close.");
    static final PersistPoint CLOSE = new PersistPoint("toy.close", "A clean close is told from a crash.");
    static final PersistPoint BIT = new PersistPoint("toy.bit", "A state word is durable when its call returns.");
    static final PersistPoint ROOT = new PersistPoint("toy.root", "A root is durable when its call returns.");
    static final PersistPoint DATA = new PersistPoint("toy.data", "Content is durable when its call returns.");
    static final PersistPoint LOGGED = new PersistPoint("toy.logged", "Old values are there before new ones.");
    static final PersistPoint CHANGED = new PersistPoint("toy.changed", "New values are there before the log ends.");
    static final PersistPoint ENDED = new PersistPoint("toy.ended", "A committed transaction is not undone.");
    static final List<PersistPoint> POINTS =
            List.of(FORMAT, MAGIC, OPEN, CLOSE, BIT, ROOT, DATA, LOGGED, CHANGED, ENDED);

    private static final long MAGIC_VALUE = 0x746f79706f6f6cL;
    private static final long RUN_OFFSET = 8;
    private static final long BITMAP = 0x40;
    private static final long ROOT_OFFSET = 0x80;
    private static final long LOG = 0xc0;
    private static final long BLOCKS = 0x400;
    private static final int BLOCK_BYTES = 256;

    private final Region region;
    private final Bug bug;
    private final int blockCount;
    private final RecoveryReport.State left;
    private final Set<Long> reserved = new HashSet<>();
    private int liveCount;
    private boolean closed;

    private ToyPool(Region region, Bug bug) {
        this.region = region;
        this.bug = bug;
        this.blockCount = (int) Math.min(Long.SIZE, (region.capacityBytes() - BLOCKS) / BLOCK_BYTES);
        this.left = region.loadPlain(RUN_OFFSET) == 0 ? RecoveryReport.State.CLEAN : RecoveryReport.State.CRASHED;
        undo();
        int counted = Long.bitCount(region.loadPlain(BITMAP));
        boolean twice = bug == Bug.DOUBLE_COUNT_ON_REBUILD && left == RecoveryReport.State.CRASHED;
        liveCount = twice ? 2 * counted : counted;
        region.storePlain(RUN_OFFSET, 1);
        region.writeBackAndFence(OPEN, RUN_OFFSET);
    }

    static CrashTarget target(Bug bug, long capacityBytes) {
        return new CrashTarget() {
            @Override
            public String id() {
                return "toy-" + bug.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            }

            @Override
            public long capacityBytes() {
                return capacityBytes;
            }

            @Override
            public Pool create(Region region) {
                if (region.loadPlain(0) != MAGIC_VALUE) {
                    format(region);
                }
                return new ToyPool(region, bug);
            }

            @Override
            public Pool open(Region region) {
                if (region.loadPlain(0) != MAGIC_VALUE) {
                    throw new PoolOpenException(PoolOpenException.Reason.NOT_A_POOL, "no magic");
                }
                return new ToyPool(region, bug);
            }

            @Override
            public List<PersistPoint> persistPoints() {
                return POINTS;
            }
        };
    }

    private static void format(Region region) {
        for (long offset = RUN_OFFSET; offset < BLOCKS; offset += Long.BYTES) {
            region.storePlain(offset, 0);
        }
        region.writeBack(FORMAT, 0, BLOCKS);
        region.fence(FORMAT);
        region.storeRelease(0, MAGIC_VALUE);
        region.writeBackAndFence(MAGIC, 0);
    }

    private void undo() {
        long entries = region.loadPlain(LOG);
        for (long i = entries - 1; i >= 0; i--) {
            long offset = region.loadPlain(LOG + 8 + 16 * i);
            region.storePlain(offset, region.loadPlain(LOG + 16 + 16 * i));
            region.writeBack(CHANGED, offset, Long.BYTES);
        }
        if (entries > 0) {
            region.fence(CHANGED);
            endLog();
        }
    }

    private void endLog() {
        region.storeRelease(LOG, 0);
        region.writeBackAndFence(ENDED, LOG);
    }

    private long find(long bytes, long alignmentBytes) {
        if (bytes <= BLOCK_BYTES && alignmentBytes <= BLOCK_BYTES) {
            for (int i = 0; i < blockCount; i++) {
                long handle = BLOCKS + (long) i * BLOCK_BYTES;
                if (!isLive(handle) && !reserved.contains(handle)) {
                    return handle;
                }
            }
        }
        throw new OutOfSpaceException("the toy is full");
    }

    private static long bit(long handle) {
        return 1L << ((handle - BLOCKS) / BLOCK_BYTES);
    }

    private void set(long handle) {
        region.storeRelease(BITMAP, region.loadPlain(BITMAP) | bit(handle));
        liveCount++;
    }

    private void clear(long handle) {
        if (!isLive(handle)) {
            throw new InvalidHandleException("not live: handle=" + Handles.format(handle));
        }
        region.storeRelease(BITMAP, region.loadPlain(BITMAP) & ~bit(handle));
        liveCount--;
    }

    @Override
    public synchronized long allocate(long bytes, long alignmentBytes) {
        long handle = find(bytes, alignmentBytes);
        set(handle);
        if (bug != Bug.BIT_DURABLE_AFTER_HAND_OUT) {
            region.writeBackAndFence(BIT, BITMAP);
        }
        return handle;
    }

    @Override
    public synchronized long[] allocateAll(long... bytes) {
        List<Long> handles = new ArrayList<>();
        try {
            for (long size : bytes) {
                handles.add(reserve(size));
            }
        } finally {
            handles.forEach(reserved::remove);
        }
        handles.forEach(this::set);
        region.writeBackAndFence(BIT, BITMAP);
        return handles.stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public synchronized void free(long handle) {
        clear(handle);
        region.writeBack(BIT, BITMAP, Long.BYTES);
        if (bug != Bug.FENCE_FORGOTTEN) {
            region.fence(BIT);
        }
    }

    @Override
    public synchronized void freeAll(long... handles) {
        for (long handle : handles) {
            clear(handle);
        }
        region.writeBackAndFence(BIT, BITMAP);
    }

    @Override
    public synchronized long reserve(long bytes) {
        long handle = find(bytes, 1);
        reserved.add(handle);
        return handle;
    }

    @Override
    public synchronized void publish(long handle) {
        region.writeBack(DATA, handle, BLOCK_BYTES);
        reserved.remove(handle);
        set(handle);
        region.writeBackAndFence(BIT, BITMAP);
    }

    @Override
    public synchronized void cancel(long handle) {
        reserved.remove(handle);
    }

    @Override
    public boolean reallocate(long handle, long bytes) {
        return bytes <= BLOCK_BYTES;
    }

    @Override
    public MemorySegment segment(long handle) {
        return region.slice(handle, BLOCK_BYTES);
    }

    @Override
    public long usableBytes(long handle) {
        return BLOCK_BYTES;
    }

    @Override
    public boolean isLive(long handle) {
        return (region.loadAcquire(BITMAP) & bit(handle)) != 0;
    }

    @Override
    public void persist(long handle, long offset, long bytes) {
        writeBack(handle, offset, bytes);
        fence();
    }

    @Override
    public void writeBack(long handle, long offset, long bytes) {
        region.writeBack(DATA, handle + offset, bytes);
    }

    @Override
    public void fence() {
        region.fence(DATA);
    }

    @Override
    public synchronized void transaction(Consumer<? super Transaction> body) {
        ToyTransaction tx = new ToyTransaction();
        try {
            body.accept(tx);
            tx.commit();
        } finally {
            tx.allocated.forEach(reserved::remove);
        }
    }

    private final class ToyTransaction implements Transaction {
        private final List<Long> allocated = new ArrayList<>();
        private final List<Long> freed = new ArrayList<>();
        private long wordOffset;
        private long wordValue;

        @Override
        public long allocate(long bytes) {
            long handle = reserve(bytes);
            allocated.add(handle);
            return handle;
        }

        @Override
        public void free(long handle) {
            freed.add(handle);
        }

        @Override
        public void set(long handle, long offset, long value) {
            wordOffset = handle + offset;
            wordValue = value;
        }

        @Override
        public MemorySegment segment(long handle) {
            return ToyPool.this.segment(handle);
        }

        void commit() {
            for (long handle : allocated) {
                region.writeBack(DATA, handle, BLOCK_BYTES);
            }
            boolean logged = bug != Bug.LINK_BEFORE_STATE;
            if (logged) {
                log();
            }
            if (wordOffset != 0) {
                region.storePlain(wordOffset, wordValue);
                region.writeBack(CHANGED, wordOffset, Long.BYTES);
                if (!logged) {
                    region.fence(CHANGED);
                }
            }
            freed.forEach(ToyPool.this::clear);
            allocated.forEach(ToyPool.this::set);
            region.writeBackAndFence(CHANGED, BITMAP);
            if (logged) {
                endLog();
            }
        }

        private void log() {
            region.storePlain(LOG + 8, BITMAP);
            region.storePlain(LOG + 16, region.loadPlain(BITMAP));
            if (wordOffset != 0) {
                region.storePlain(LOG + 24, wordOffset);
                region.storePlain(LOG + 32, region.loadPlain(wordOffset));
            }
            region.storeRelease(LOG, wordOffset != 0 ? 2 : 1);
            region.writeBackAndFence(LOGGED, LOG);
        }
    }

    @Override
    public long root(String name) {
        return region.loadPlain(rootOffset(name));
    }

    private static long rootOffset(String name) {
        return ROOT_OFFSET + (name.equals(Trial.rootNameOf(0)) ? 0 : Long.BYTES);
    }

    @Override
    public synchronized void setRoot(String name, long handle) {
        region.storeRelease(rootOffset(name), handle);
        region.writeBackAndFence(ROOT, rootOffset(name));
    }

    @Override
    public Map<String, Long> roots() {
        Map<String, Long> found = new TreeMap<>();
        for (int thread = 0; thread < 2; thread++) {
            long handle = root(Trial.rootNameOf(thread));
            if (handle != Handles.NONE) {
                found.put(Trial.rootNameOf(thread), handle);
            }
        }
        return found;
    }

    @Override
    public void forEachBlock(BlockVisitor visitor) {
        for (int i = 0; i < blockCount; i++) {
            long handle = BLOCKS + (long) i * BLOCK_BYTES;
            if (isLive(handle)) {
                visitor.visit(handle, BLOCK_BYTES);
            }
        }
    }

    @Override
    public PoolStats stats() {
        return new PoolStats(region.capacityBytes(), BLOCKS, usedBytes(), liveCount, liveCount * 256L, 0, 0, 0);
    }

    @Override
    public long usedBytes() {
        return BLOCKS + (long) liveCount * BLOCK_BYTES;
    }

    @Override
    public Durability durability() {
        return region.durability();
    }

    @Override
    public RecoveryReport recovery() {
        return new RecoveryReport(left, 0, 0, liveCount, 0, 0, 0, 0, List.of());
    }

    @Override
    public String policy() {
        return "toy {}";
    }

    @Override
    public List<Finding> verify() {
        return List.of();
    }

    @Override
    public AuditReport audit(ReferenceVisitor visitor) {
        throw new UnsupportedOperationException("the toy has no audit");
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            region.storePlain(RUN_OFFSET, 0);
            region.writeBackAndFence(CLOSE, RUN_OFFSET);
            region.close();
        }
    }
}
