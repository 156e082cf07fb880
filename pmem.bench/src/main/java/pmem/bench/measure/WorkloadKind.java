package pmem.bench.measure;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The workloads there are. */
public enum WorkloadKind {
    /** Allocate and free at once. */
    PAIR("pair", "allocate a block, free it at once", Capability.PLAIN),
    /** The same by reserve and publish. */
    PUBLISH("publish", "reserve a block, publish it, free it", Capability.PUBLISH),
    /** The same, linked from a durable word. */
    LINK("link", "allocate a block into a durable link, unlink and free it", Capability.LINK),
    /** The same, each call in a transaction. */
    TRANSACTION("transaction", "allocate in a transaction, free in another one", Capability.TRANSACTION),
    /** Many, freed in order. */
    BULK_ORDERED("bulk-ordered", "allocate 100,000 blocks, free them in the same order", Capability.PLAIN),
    /** Many, freed in random order. */
    BULK_RANDOM("bulk-random", "allocate 100,000 blocks, free them in random order", Capability.PLAIN),
    /** PMem Allocator's sizes. */
    BULK_STEPPED(
            "bulk-stepped",
            "allocate 100,000 blocks of 32 i mod 1024 bytes, free them in random order",
            Capability.PLAIN),
    /** Mostly small sizes. */
    BULK_INVERSE_SQUARE(
            "bulk-inverse-square",
            "allocate 100,000 blocks, sizes likely as their inverse square, free them in random order",
            Capability.PLAIN),
    /** PMem Allocator's first rate. */
    STEPPED("stepped", "allocate 1,024 blocks of 32 i mod 1024 bytes, free them in the same order", Capability.PLAIN),
    /** PMem Allocator's second rate. */
    ACCESS(
            "access",
            "allocate 1,024 blocks of 32 i mod 1024 bytes, each filled and compared back, free them",
            Capability.PLAIN,
            Capability.CONTENT),
    /** Gloger's test. */
    T_TEST("t-test1", "up to 30 frees of random bins, then up to 30 allocations up to the size", Capability.PLAIN),
    /** Gloger's test with writes. */
    T_TEST_TOUCH("t-test1-touch", "the same, each page of a new block written to", Capability.PLAIN, Capability.TOUCH),
    /** One size, slots in turn. */
    REUSE_LINEAR_FIXED("reuse-linear-fixed", "of 1,024 live blocks replace one after the other", Capability.PLAIN),
    /** One size, all slots at once. */
    REUSE_FULL_FIXED("reuse-full-fixed", "free 1,024 blocks, allocate 1,024", Capability.PLAIN),
    /** One size, random slots. */
    REUSE_RANDOM_FIXED("reuse-random-fixed", "of 1,024 live blocks replace a random one", Capability.PLAIN),
    /** Five sizes, slots in turn. */
    REUSE_LINEAR_LIST(
            "reuse-linear-list", "of 1,024 live blocks of five sizes replace one after the other", Capability.PLAIN),
    /** Five sizes, all slots at once. */
    REUSE_FULL_LIST("reuse-full-list", "free 1,024 blocks of five sizes, allocate 1,024", Capability.PLAIN),
    /** Five sizes, random slots. */
    REUSE_RANDOM_LIST("reuse-random-list", "of 1,024 live blocks of five sizes replace a random one", Capability.PLAIN),
    /** Random sizes, slots in turn. */
    REUSE_LINEAR_RANDOM(
            "reuse-linear-random",
            "of 1,024 live blocks of random sizes replace one after the other",
            Capability.PLAIN),
    /** Random sizes, all slots at once. */
    REUSE_FULL_RANDOM("reuse-full-random", "free 1,024 blocks of random sizes, allocate 1,024", Capability.PLAIN),
    /** Random sizes, random slots. */
    REUSE_RANDOM_RANDOM(
            "reuse-random-random", "of 1,024 live blocks of random sizes replace a random one", Capability.PLAIN),
    /** Steady state of mixed sizes. */
    CHURN("churn", "of 50,000 live blocks free a random one, allocate one of 64, 128 ... 4096 bytes", Capability.PLAIN),
    /** Blocks are freed by another thread. */
    REMOTE("remote", "one thread allocates, another frees, through a ring", Capability.PLAIN, Capability.REMOTE_FREE),
    /** Sets of blocks wander between threads. */
    LARSON(
            "larson",
            "replace random blocks of a set of 1,000, then hand the set to another thread",
            Capability.PLAIN,
            Capability.REMOTE_FREE),
    /** Thirty-two in one call. */
    BATCH("batch-32", "allocate 32 blocks by one call, free them by one call", Capability.BATCH),
    /** Thirty-two in one transaction. */
    TRANSACTION_BATCH(
            "transaction-32",
            "allocate 32 blocks in a transaction, free them in another one",
            Capability.TRANSACTION_BATCH),
    /** Growing by doubling. */
    REALLOCATE(
            "reallocate",
            "grow a block from 64 to 4,096 bytes by doubling, free it",
            Capability.PLAIN,
            Capability.REALLOCATE),
    /** Large blocks. */
    LARGE("large", "allocate 8 large blocks, free them in random order", Capability.PLAIN),
    /** Page faults included. */
    FIRST_TOUCH(
            "first-touch", "allocate a block, write to each of its pages, free it", Capability.PLAIN, Capability.TOUCH),
    /** Half full. */
    FILL_50(
            "fill-50",
            "in a pool filled to 50 % free a random block, allocate one",
            Capability.PLAIN,
            Capability.BOUNDED),
    /** Nearly full. */
    FILL_90(
            "fill-90",
            "in a pool filled to 90 % free a random block, allocate one",
            Capability.PLAIN,
            Capability.BOUNDED),
    /** As good as full. */
    FILL_99(
            "fill-99",
            "in a pool filled to 99 % free a random block, allocate one",
            Capability.PLAIN,
            Capability.BOUNDED),
    /** No allocator. */
    FLOOR("floor", "store 8 bytes, write the line back, fence; on random lines of a working set", Capability.FLOOR);

    /** Operations in a chunk of a pair workload, whichever calls make the pair. */
    public static final int PAIR_CHUNK = 2 * PairWorkload.PAIRS;
    /** Operations in a chunk of a bulk workload. */
    public static final int BULK_CHUNK = 2 * Workload.SLOTS_PER_THREAD;
    /** Operations in a chunk of PMem Allocator's workloads. */
    public static final int STEPPED_CHUNK = 2 * AccessWorkload.BLOCKS;
    /** Operations in a chunk of the workloads that reuse slots. */
    public static final int REUSE_CHUNK = 2 * ReuseWorkload.LIVE_BLOCKS;
    /** Operations in a chunk of the churn workload. */
    public static final int CHURN_CHUNK = 2 * ChurnWorkload.STEPS;
    /** Operations in a chunk of Larson's workload. */
    public static final int LARSON_CHUNK = 2 * LarsonWorkload.STEPS;
    /** Operations in a chunk of the batch workload. */
    public static final int BATCH_CHUNK = 2 * BatchWorkload.BATCH * BatchWorkload.BATCHES;
    /** Operations in a chunk of the reallocate workload. */
    public static final int REALLOCATE_CHUNK = 8 * ReallocateWorkload.BLOCKS;
    /** Operations in a chunk of the first-touch workload. */
    public static final int FIRST_TOUCH_CHUNK = 2 * TouchWorkload.PAIRS;
    /** Operations in a chunk of the workload of large blocks. */
    public static final int LARGE_CHUNK = 16;

    private static final Set<WorkloadKind> MIXED_SIZES = EnumSet.of(
            CHURN,
            BULK_STEPPED,
            BULK_INVERSE_SQUARE,
            STEPPED,
            ACCESS,
            REUSE_LINEAR_LIST,
            REUSE_FULL_LIST,
            REUSE_RANDOM_LIST,
            REUSE_LINEAR_RANDOM,
            REUSE_FULL_RANDOM,
            REUSE_RANDOM_RANDOM,
            REALLOCATE);
    private static final int REUSE_SIZES = 1 << 13;
    private static final int BULK_BLOCKS = Workload.SLOTS_PER_THREAD;
    private static final int CHURN_BLOCKS = 50_000;
    private static final int LARGE_BLOCKS = LARGE_CHUNK / 2;

    private final String id;
    private final String description;
    // Never changed after construction.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Capability> needs;

    WorkloadKind(String id, String description, Capability... needs) {
        this.id = id;
        this.description = description;
        this.needs = EnumSet.copyOf(List.of(needs));
    }

    /** The name in results and on the command line. */
    public String id() {
        return id;
    }

    /** What one thread does, as a phrase. */
    public String description() {
        return description;
    }

    /** What an allocator must be able to do. */
    public Set<Capability> needs() {
        return needs;
    }

    /** Whether blocks have several sizes, so that no block size is part of the row. */
    public boolean mixedSizes() {
        return MIXED_SIZES.contains(this);
    }

    /** Whether it takes two threads at least. */
    public boolean needsTwoThreads() {
        return this == REMOTE;
    }

    /**
     * The workload with this id.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static WorkloadKind ofId(String id) {
        for (WorkloadKind kind : values()) {
            if (kind.id.equals(id)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("unknown workload: expected one of "
                + Arrays.stream(values()).map(WorkloadKind::id).collect(Collectors.joining(", ")) + ", found=" + id);
    }

    /** The parts of the threads. */
    public List<Workload> start(Allocator allocator, long blockBytes, int threads) {
        AtomicInteger spareSet = new AtomicInteger(LarsonWorkload.firstSpareSlot());
        List<Ring> rings =
                IntStream.range(0, (threads + 1) / 2).mapToObj(i -> new Ring()).toList();
        return IntStream.range(0, threads)
                .mapToObj(thread ->
                        part(allocator.forThread(thread), thread, threads, blockBytes, spareSet, rings.get(thread / 2)))
                .toList();
    }

    private Workload part(Allocator allocator, int thread, int threads, long bytes, AtomicInteger spareSet, Ring ring) {
        return switch (this) {
            case PAIR -> new PairWorkload(allocator, thread, PairWorkload.Call.PLAIN, bytes);
            case PUBLISH -> new PairWorkload(allocator, thread, PairWorkload.Call.PUBLISH, bytes);
            case LINK -> new PairWorkload(allocator, thread, PairWorkload.Call.LINK, bytes);
            case TRANSACTION -> new PairWorkload(allocator, thread, PairWorkload.Call.TRANSACTION, bytes);
            case BULK_ORDERED -> new BulkWorkload(allocator, thread, Sizes.fixed(BULK_BLOCKS, bytes), false);
            case BULK_RANDOM -> new BulkWorkload(allocator, thread, Sizes.fixed(BULK_BLOCKS, bytes), true);
            case BULK_STEPPED -> new BulkWorkload(allocator, thread, Sizes.pmemAllocator(BULK_BLOCKS), true);
            case BULK_INVERSE_SQUARE -> new BulkWorkload(allocator, thread, Sizes.inverseSquare(BULK_BLOCKS), true);
            case CHURN ->
                new ChurnWorkload(allocator, thread, CHURN_BLOCKS, Sizes.multiplesOf64(ChurnWorkload.sizesDrawn()));
            case STEPPED -> new BulkWorkload(allocator, thread, Sizes.pmemAllocator(AccessWorkload.BLOCKS), false);
            case ACCESS -> new AccessWorkload(allocator, thread);
            case T_TEST -> new TTestWorkload(allocator, thread, threads, bytes, false);
            case T_TEST_TOUCH -> new TTestWorkload(allocator, thread, threads, bytes, true);
            case REUSE_LINEAR_FIXED, REUSE_LINEAR_LIST, REUSE_LINEAR_RANDOM ->
                new ReuseWorkload(allocator, thread, reuseSizes(bytes), ReuseWorkload.Order.LINEAR);
            case REUSE_FULL_FIXED, REUSE_FULL_LIST, REUSE_FULL_RANDOM ->
                new ReuseWorkload(allocator, thread, reuseSizes(bytes), ReuseWorkload.Order.FULL);
            case REUSE_RANDOM_FIXED, REUSE_RANDOM_LIST, REUSE_RANDOM_RANDOM ->
                new ReuseWorkload(allocator, thread, reuseSizes(bytes), ReuseWorkload.Order.RANDOM);
            case REMOTE -> new RemoteWorkload(allocator, thread, ring, bytes);
            case LARSON -> new LarsonWorkload(allocator, thread, spareSet, bytes);
            case BATCH -> new BatchWorkload(allocator, thread, bytes, false);
            case TRANSACTION_BATCH -> new BatchWorkload(allocator, thread, bytes, true);
            case REALLOCATE -> new ReallocateWorkload(allocator, thread);
            case LARGE -> new BulkWorkload(allocator, thread, Sizes.fixed(LARGE_BLOCKS, bytes), true);
            case FIRST_TOUCH -> new TouchWorkload(allocator, thread, bytes);
            case FILL_50 -> new FillWorkload(allocator, thread, bytes, 50);
            case FILL_90 -> new FillWorkload(allocator, thread, bytes, 90);
            case FILL_99 -> new FillWorkload(allocator, thread, bytes, 99);
            case FLOOR -> new FloorWorkload(allocator, thread, bytes);
        };
    }

    private long[] reuseSizes(long bytes) {
        return switch (this) {
            case REUSE_LINEAR_LIST, REUSE_FULL_LIST, REUSE_RANDOM_LIST -> Sizes.list(REUSE_SIZES);
            case REUSE_LINEAR_RANDOM, REUSE_FULL_RANDOM, REUSE_RANDOM_RANDOM -> Sizes.multiplesOf16(REUSE_SIZES);
            default -> Sizes.fixed(REUSE_SIZES, bytes);
        };
    }
}
