package pmem.testkit.golden;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.spi.HeapRegion;
import pmem.spi.PersistPoint;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.testkit.region.ForwardingRegion;
import pmem.testkit.region.SimulatedRegion;

/**
 * Makes the images that are kept as test resources: for each policy a closed pool, one that crashed between operations, and one
 * that crashed inside each kind of operation, with every store made so far on media.
 */
final class GoldenImages {
    /**
     * A version of the format that this release writes.
     *
     * @param name of its folder
     * @param maxCapacityBytes largest size of its pools, 0 if they can't grow
     */
    record Format(String name, long maxCapacityBytes) {
        private boolean growable() {
            return maxCapacityBytes != 0;
        }
    }

    /**
     * Pools of a policy.
     *
     * @param name of their folder
     * @param policy id of the policy
     * @param scale blocks are so many times as long as those of others
     */
    record Kind(String name, String policy, long scale) {}

    /** The last has most of its blocks in runs of units; images of {@code segregated} from before have none. */
    static final List<Kind> KINDS = List.of(
            new Kind("bitmap", "bitmap", 1),
            new Kind("buddy", "buddy", 1),
            new Kind("segregated", "segregated", 1),
            new Kind("segregated-medium", "segregated", 26));

    static final List<Format> FORMATS = List.of(new Format("v1", 0), new Format("v2", 4 << 20));

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long CAPACITY_BYTES = 2 << 20;
    private static final long[] SIZES = {8, 40, 100, 600, 3000, 20_000};

    /**
     * How an image comes about.
     *
     * @param name of the file
     * @param point at whose fence the power fails during the operation; empty for after it
     * @param options how the pool is opened
     * @param operation what is done to a filled pool whose blocks are so many times as long
     */
    private record Situation(String name, String point, PoolOptions options, BiConsumer<Pool, Long> operation) {
        Situation(String name, String point, PoolOptions options, Consumer<Pool> operation) {
            this(name, point, options, (pool, scale) -> operation.accept(pool));
        }
    }

    private static final class Watched extends ForwardingRegion {
        private final SimulatedRegion memory;
        private final List<byte[]> atPoint = new ArrayList<>();
        private String point = "";

        Watched(long[] words) {
            this(SimulatedRegion.untracked(words));
        }

        private Watched(SimulatedRegion memory) {
            super(memory);
            this.memory = memory;
        }

        /** The bytes of the medium now, as many as it is long. */
        byte[] image() {
            ByteBuffer bytes = ByteBuffer.allocate((int) memory.maxCapacityBytes() + Region.LINE_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.asLongBuffer().put(memory.words());
            return Arrays.copyOf(bytes.array(), (int) memory.capacityBytes());
        }

        @Override
        public void fence(PersistPoint passed) {
            keep(passed);
            super.fence(passed);
        }

        @Override
        public void writeBackAndFence(PersistPoint passed, long offset) {
            keep(passed);
            super.writeBackAndFence(passed, offset);
        }

        private void keep(PersistPoint passed) {
            if (passed.name().equals(point)) {
                atPoint.add(image());
            }
        }
    }

    private GoldenImages() {}

    private static List<Situation> situations(Format format) {
        List<Situation> situations = new ArrayList<>(ofAll());
        if (format.growable()) {
            PoolOptions plain = PoolOptions.open();
            situations.add(new Situation("grown", "", plain, pool -> pool.grow(format.maxCapacityBytes)));
            situations.add(new Situation("in-grow", "grow.capacity", plain, pool -> pool.grow(3 << 20)));
            situations.add(new Situation("shrunk", "", plain, pool -> pool.shrink(CAPACITY_BYTES / 2)));
            situations.add(
                    new Situation("in-shrink", "shrink.capacity", plain, pool -> pool.shrink(CAPACITY_BYTES / 2)));
        }
        return situations;
    }

    private static List<Situation> ofAll() {
        PoolOptions plain = PoolOptions.open();
        return List.of(
                new Situation("closed", "", plain, Pool::close),
                new Situation("crashed", "", plain, pool -> {}),
                new Situation("in-allocate", "allocate.state", plain, (pool, scale) -> pool.allocate(40 * scale)),
                new Situation("in-free", "free.state", plain, pool -> pool.free(pool.root("second"))),
                new Situation(
                        "in-publish", "publish.state", plain, (pool, scale) -> pool.publish(pool.reserve(40 * scale))),
                new Situation("in-transaction", "log.changes", plain, GoldenImages::transact),
                new Situation("in-snapshot", "log.changes", plain, GoldenImages::changeInPlace),
                new Situation("in-publish-to-before", "link.intent", plain, GoldenImages::publishTo),
                new Situation("in-publish-to-after", "link.changes", plain, GoldenImages::publishTo),
                new Situation("in-replace", "link.changes", plain, GoldenImages::replace),
                new Situation("in-unlink", "link.changes", plain, pool -> pool.unlinkAndFree(pool.rootSlot("second"))),
                new Situation("open-link", "", plain, GoldenImages::replace),
                new Situation("in-set-root", "root.handle", plain, pool -> pool.setRoot("new", pool.root("first"))),
                new Situation("in-sync", "group.sync", plain.groupCommit(Duration.ZERO), GoldenImages::sync));
    }

    private static void transact(Pool pool, long scale) {
        pool.transaction(tx -> {
            tx.free(pool.root("second"));
            tx.set(pool.root("first"), 0, tx.allocate(40 * scale));
        });
    }

    private static void changeInPlace(Pool pool) {
        long handle = pool.root("second");
        pool.transaction(tx -> {
            tx.snapshot(handle, 0, 80);
            tx.segment(handle).set(WORD, 0, -1);
        });
    }

    private static void publishTo(Pool pool, long scale) {
        pool.publishTo(pool.rootSlot("third"), pool.reserve(100 * scale));
    }

    private static void replace(Pool pool, long scale) {
        pool.replace(pool.rootSlot("second"), pool.root("second"), pool.reserve(100 * scale));
    }

    private static void sync(Pool pool, long scale) {
        pool.allocateAll(40 * scale, 600 * scale);
        pool.free(pool.root("second"));
        pool.sync();
    }

    /** Writes all images of this release, and what opening them shows, below a folder. */
    static void write(Path folder) throws IOException {
        for (Format format : FORMATS) {
            for (Kind kind : KINDS) {
                Path home = Files.createDirectories(folder.resolve(format.name).resolve(kind.name));
                for (Situation situation : situations(format)) {
                    write(home, situation.name, format, image(kind, format, situation));
                }
            }
        }
    }

    private static void write(Path home, String name, Format format, byte[] image) throws IOException {
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(home.resolve(name + ".img.gz")))) {
            out.write(image);
        }
        Files.writeString(home.resolve(name + ".txt"), opened(format, image));
    }

    /** What each image is called below its policy's folder. */
    static List<String> names(Format format) {
        return situations(format).stream().map(Situation::name).toList();
    }

    private static byte[] image(Kind kind, Format format, Situation situation) {
        long[] words = SimulatedRegion.growableWords(CAPACITY_BYTES, Math.max(CAPACITY_BYTES, format.maxCapacityBytes));
        PoolProvider provider = Providers.only(PoolProvider.class);
        PoolOptions creation = PoolOptions.create(CAPACITY_BYTES)
                .policy(kind.policy)
                .lanes(2)
                .laneEntries(8)
                .roots(4);
        if (format.growable()) {
            creation = creation.maxCapacity(format.maxCapacityBytes);
        }
        try (Pool pool = provider.openOn(SimulatedRegion.untracked(words), creation)) {
            fill(pool, kind.scale);
        }
        Watched region = new Watched(words);
        Pool pool = provider.openOn(region, situation.options);
        region.point = situation.point;
        situation.operation.accept(pool, kind.scale);
        return situation.point.isEmpty() ? region.image() : region.atPoint.getLast();
    }

    private static void fill(Pool pool, long scale) {
        long[] handles = pool.allocateAll(
                Arrays.stream(SIZES).map(bytes -> bytes * scale).toArray());
        for (long handle : handles) {
            pool.segment(handle).set(WORD, 0, handle * 31);
            pool.persist(handle, 0, Long.BYTES);
        }
        pool.free(handles[1]);
        pool.setRoot("first", handles[0]);
        pool.setRoot("second", handles[3]);
    }

    /** What opening an image shows: state, size if it can change, blocks with their first word, roots, findings. */
    static String opened(Format format, byte[] image) {
        try (Pool pool = Providers.only(PoolProvider.class).openOn(new HeapRegion(image), PoolOptions.open())) {
            StringBuilder text = new StringBuilder();
            text.append("state ").append(pool.recovery().state()).append('\n');
            if (format.growable()) {
                text.append("capacityBytes ")
                        .append(pool.stats().capacityBytes())
                        .append('\n');
            }
            Map<Long, Long> blocks = new TreeMap<>();
            pool.forEachBlock(blocks::put);
            blocks.forEach((handle, usableBytes) -> text.append("block ")
                    .append(Handles.format(handle))
                    .append(" usableBytes=")
                    .append(usableBytes)
                    .append(" firstWord=0x")
                    .append(Long.toHexString(pool.segment(handle).get(WORD, 0)))
                    .append('\n'));
            pool.roots()
                    .forEach((name, handle) -> text.append("root ")
                            .append(name)
                            .append(' ')
                            .append(Handles.format(handle))
                            .append('\n'));
            pool.verify()
                    .forEach(finding -> text.append("finding ").append(finding).append('\n'));
            return text.toString();
        }
    }

    static byte[] unpacked(byte[] packed) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("an image could not be unpacked", e);
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
