package pmem.testkit.fuzz;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import pmem.api.CheckReport;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.PoolPart;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;

/**
 * Makes the intact images of one policy: pools that were closed, that crashed, and that crashed inside an operation; of version 1, or of
 * version 2, which can grow.
 */
final class BaseImages {
    private static final int LANES = 2;
    private static final int LANE_ENTRIES = 8;
    private static final int ROOTS = 4;
    private static final int WORDS_PER_LINE = 8;
    private static final long SPARE_BYTES = 64 << 10;
    private static final long PAGE_BYTES = 4096;
    /** How much larger pools can become that can grow; half of it is what they grow by. */
    private static final long GROWTH_BYTES = 8 * PAGE_BYTES;

    private static final long[] SIZES = {8, 48, 48, 200, 200, 900, 3000, 9000};
    /** The last fence before a transaction is retired: all its changes are on media, and its entries are live. */
    private static final String ALL_CHANGED = "log.changes";
    /** The same for an operation on a slot. */
    private static final String LINKED = "link.changes";
    /** The size is another on media, and nobody has used the new space or cut off what was given up. */
    private static final String GROWN = "grow.capacity";

    private static final String SHRUNK = "shrink.capacity";
    /** Index of the log among the parts of a pool. */
    private static final int LOG = 2;

    private final PoolProvider provider;
    private final PolicyProvider policy;
    private final Map<String, Long> parameters;
    private final ImageRegion region;
    private final long[] empty;
    private final long maxBytes;
    private final Map<String, BitSet> wordsOfRoot = new HashMap<>();
    private final BitSet wordsOfCapacity = new BitSet();

    /** What a recovery may find, and an image in which it is so. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and nobody changes the arrays
    private record Known(Truth truth, long[] image) {}

    BaseImages(PoolProvider provider, PolicyProvider policy, Map<String, Long> parameters, boolean growable) {
        this.provider = provider;
        this.policy = policy;
        this.parameters = parameters;
        long minimumBytes = policy.minimumBytes(PolicyParameters.of(policy, parameters));
        long bytes = (minimumBytes + SPARE_BYTES + PAGE_BYTES - 1) & -PAGE_BYTES;
        maxBytes = growable ? bytes + GROWTH_BYTES : bytes;
        region = new ImageRegion(bytes, maxBytes);
        try (Pool pool = create()) {
            empty = pool.stats().liveBlocks() == 0 ? region.image() : new long[0];
        }
    }

    private Pool create() {
        PoolOptions options = PoolOptions.create(region.capacityBytes())
                .policy(policy.id())
                .lanes(LANES)
                .laneEntries(LANE_ENTRIES)
                .roots(ROOTS);
        if (canGrow()) {
            options = options.maxCapacity(maxBytes);
        }
        for (Map.Entry<String, Long> parameter : parameters.entrySet()) {
            options = options.policyParameter(parameter.getKey(), parameter.getValue());
        }
        return provider.openOn(region, options);
    }

    private boolean canGrow() {
        return maxBytes > region.capacityBytes();
    }

    List<BaseImage> make() {
        boolean growable = canGrow();
        List<BaseImage> images = new ArrayList<>();
        region.reset(empty, region.capacityBytes(), Long.MAX_VALUE);
        Pool pool = provider.openOn(region, PoolOptions.open());
        long[] handles = fill(pool);
        images.add(image("crashed", region.image(), List.of(new Known(Truth.of(pool), region.image())), new BitSet()));
        images.add(during(
                pool,
                "in a transaction",
                ALL_CHANGED,
                () -> pool.transaction(tx -> {
                    tx.free(handles[1]);
                    tx.set(handles[5], 16, tx.allocate(300));
                })));
        images.add(during(
                pool,
                "in a transaction that frees",
                ALL_CHANGED,
                () -> pool.transaction(tx -> {
                    tx.free(handles[2]);
                    tx.free(handles[3]);
                })));
        pool.segment(handles[4]).set(ValueLayout.JAVA_LONG, 8, Handles.NONE);
        long slot = pool.link(handles[4], 8);
        long linked = pool.reserve(200);
        pool.publishTo(slot, linked);
        images.add(during(pool, "in a replace", LINKED, () -> pool.replace(slot, linked, pool.reserve(48))));
        if (growable) {
            images.addAll(resized(pool));
        }
        Truth left = Truth.of(pool);
        pool.close();
        images.add(image("closed", region.image(), List.of(new Known(left, region.image())), new BitSet()));
        return images;
    }

    private List<BaseImage> resized(Pool pool) {
        long bytes = pool.stats().capacityBytes();
        long[] small = region.image();
        BaseImage grown = during(pool, "in a growth", GROWN, () -> pool.grow(bytes + GROWTH_BYTES / 2));
        wordsOfCapacity.or(changed(small, region.image()));
        return List.of(grown, during(pool, "in a shrink", SHRUNK, () -> pool.shrink(bytes)));
    }

    /** The image at the fence after which an operation's changes are on media and its entries still live. */
    private BaseImage during(Pool pool, String name, String point, Runnable operation) {
        Truth before = Truth.of(pool);
        long[] without = region.image();
        List<long[]> found = new ArrayList<>();
        region.beforeFence(passed -> {
            if (passed.name().equals(point)) {
                found.add(region.image());
            }
        });
        operation.run();
        region.beforeFence(passed -> {});
        if (found.isEmpty()) {
            throw new IllegalStateException("no fence at the point " + point);
        }
        List<Known> truths = List.of(new Known(before, without), new Known(Truth.of(pool), region.image()));
        return image(name, found.getLast(), truths, changed(without, found.getLast()));
    }

    private static BitSet changed(long[] one, long[] other) {
        BitSet words = new BitSet();
        for (int i = 0; i < Math.min(one.length, other.length); i++) {
            words.set(i, one[i] != other[i]);
        }
        return words;
    }

    private long[] fill(Pool pool) {
        long[] handles = pool.allocateAll(SIZES);
        for (long handle : handles) {
            MemorySegment block = pool.segment(handle);
            // What is in blocks must not look like metadata by chance.
            block.fill((byte) (0x80 | handle >>> 4));
            pool.persist(handle, 0, block.byteSize());
        }
        pool.freeAll(pool.allocateAll(48, 200, 9000));
        setRoot(pool, "first", handles[0]);
        setRoot(pool, "second", handles[6]);
        setRoot(pool, "passing", handles[2]);
        pool.setRoot("passing", 0);
        return handles;
    }

    private void setRoot(Pool pool, String name, long handle) {
        long[] without = region.image();
        pool.setRoot(name, handle);
        wordsOfRoot.put(name, changed(without, region.words()));
    }

    /**
     * Describes an image.
     *
     * @param changing words the operation under way has changed; those of the log tell what becomes of its blocks
     */
    private BaseImage image(String name, long[] words, List<Known> known, BitSet changing) {
        ImageRegion copy = copyOf(words);
        CheckReport report = provider.checkOn(copy);
        long steps = copy.steps();
        if (!report.isSound()) {
            throw new IllegalStateException("the intact image is not sound: " + report + " " + report.findings());
        }
        Map<Long, BitSet> wordsOfBlock = new TreeMap<>();
        List<Truth> truths = known.stream().map(Known::truth).toList();
        PoolPart log = report.parts().get(LOG);
        BitSet lines = wholeLines(changing);
        BitSet logged = lines.get(0, (int) (log.endOffset() / Long.BYTES));
        for (Known state : known) {
            Policy attached = attach(state.image, report.parts().getLast());
            for (long handle : state.truth.blocks().keySet()) {
                BitSet found = wordsOfBlock.computeIfAbsent(handle, unknown -> new BitSet());
                found.or(wordsOf(attached, handle));
                if (truths.stream().anyMatch(other -> !other.blocks().containsKey(handle))) {
                    found.or(logged);
                }
            }
            attached.close();
        }
        BitSet metadata = metadata(report, words, truths);
        BitSet covered = (BitSet) metadata.clone();
        if (!changing.isEmpty()) {
            covered.and(lines);
        }
        return new BaseImage(
                maxBytes > empty.length * (long) Long.BYTES ? name + " growable" : name,
                words,
                Arrays.copyOf(empty, words.length),
                truths,
                wordsOfBlock,
                wordsOfRoot,
                wordsOfCapacity,
                maxBytes,
                metadata,
                covered,
                steps);
    }

    private static ImageRegion copyOf(long[] words) {
        long bytes = (long) words.length * Long.BYTES;
        ImageRegion copy = new ImageRegion(bytes);
        copy.reset(words, bytes, Long.MAX_VALUE);
        return copy;
    }

    private Policy attach(long[] image, PoolPart space) {
        return policy.attach(
                new PolicySpace(copyOf(image), space.offset(), maxBytes, space.endOffset(), false),
                PolicyParameters.of(policy, parameters));
    }

    private static BitSet wholeLines(BitSet words) {
        BitSet lines = new BitSet();
        words.stream().map(word -> word & -WORDS_PER_LINE).forEach(first -> lines.set(first, first + WORDS_PER_LINE));
        return lines;
    }

    private static BitSet wordsOf(Policy policy, long handle) {
        BitSet words = new BitSet();
        policy.forEachWordOf(handle, offset -> words.set((int) (offset / Long.BYTES)));
        return words;
    }

    /** All words the pool has ever stored to, and all before the first block. */
    private BitSet metadata(CheckReport report, long[] words, List<Truth> truths) {
        BitSet metadata = new BitSet();
        metadata.or(region.storedWords());
        long firstBlock = truths.getFirst().blocks().keySet().iterator().next();
        PoolPart log = report.parts().get(LOG);
        metadata.set((int) (log.offset() / Long.BYTES), (int) (firstBlock / Long.BYTES));
        for (Truth truth : truths) {
            truth.blocks()
                    .forEach((handle, bytes) ->
                            metadata.clear((int) (handle / Long.BYTES), (int) ((handle + bytes) / Long.BYTES)));
        }
        metadata.clear(words.length, Math.max(words.length, metadata.length()));
        return metadata;
    }

    /** The smallest parameters a policy can have, so that much happens in little room. */
    static Map<String, Long> smallest(PolicyProvider policy) {
        Map<String, Long> chosen = new TreeMap<>();
        long[] bytes = {policy.minimumBytes(PolicyParameters.of(policy, chosen))};
        policy.parameters().forEach(parameter -> {
            Map<String, Long> candidate = new TreeMap<>(chosen);
            candidate.put(parameter.name(), parameter.min());
            long candidateBytes = minimumBytes(policy, candidate);
            if (candidateBytes <= bytes[0]) {
                chosen.put(parameter.name(), parameter.min());
                bytes[0] = candidateBytes;
            }
        });
        return chosen;
    }

    private static long minimumBytes(PolicyProvider policy, Map<String, Long> parameters) {
        try {
            return policy.minimumBytes(PolicyParameters.of(policy, parameters));
        } catch (IllegalArgumentException contradiction) {
            return Long.MAX_VALUE;
        }
    }

    /** Images of a policy: first those of version 1. */
    static List<BaseImage> of(PoolProvider provider, String policyId) {
        PolicyProvider policy = Providers.policy(policyId);
        List<BaseImage> images = new ArrayList<>(new BaseImages(provider, policy, smallest(policy), false).make());
        images.addAll(new BaseImages(provider, policy, smallest(policy), true).make());
        if (images.stream().anyMatch(image -> Arrays.equals(image.words(), image.earlier()))) {
            throw new IllegalStateException("an image is as it was before the first block");
        }
        return images;
    }
}
