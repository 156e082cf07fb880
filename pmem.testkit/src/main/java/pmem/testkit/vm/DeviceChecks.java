package pmem.testkit.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import pmem.api.CheckReport;
import pmem.api.DurabilityDomain;
import pmem.api.MemoryPlacement;
import pmem.api.Pool;
import pmem.api.PoolAccess;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolOptions;
import pmem.spi.PlaceFact;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;

/**
 * What can be said of pools on real devices without a crash: detection, sizes, refusals, placement. Arguments are
 * {@code name=value}: {@code domain}, what the platform says of its memory; {@code ext4}, {@code xfs}, folders on DAX file
 * systems; {@code devdax}, a device; {@code memory}, a folder in memory.
 */
public final class DeviceChecks {
    /** What the kernel shows where the firmware says nothing. */
    private static final String NO_ATTRIBUTE = "no such attribute";

    private static final Path BUS = Path.of("/sys/bus/nd/devices");
    private static final long MIB = 1 << 20;
    private static final long POOL_BYTES = 32 * MIB;
    private static final int BLOCKS_ON_A_NODE = 2000;
    private static final long BLOCK_BYTES = 1000;
    private static final long PAGE_BYTES = 4096;

    private final Console console = new Console();
    private final RegionProvider regions = Providers.only(RegionProvider.class);
    private final Map<String, String> places;
    private final Path device;
    private boolean right = true;

    private DeviceChecks(Map<String, String> places) {
        this.places = places;
        this.device = path("devdax");
    }

    /** Runs all checks; exit code 1 if one failed. */
    public static void main(String[] arguments) {
        Map<String, String> places = new TreeMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            places.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        DeviceChecks checks = new DeviceChecks(places);
        checks.run();
        checks.console.say(checks.right ? "done" : "failed");
        System.exit(checks.right ? 0 : 1);
    }

    private interface Check {
        void run();
    }

    private void run() {
        check("the kernel says of every region what the firmware was told to say", this::platform);
        check("the strongest domain is detected on ext4, xfs and a device", this::domains);
        check("a domain the platform contradicts is refused", this::contradictedDomain);
        check("what is not DAX is never taken for it", this::notDax);
        for (PolicyProvider policy : Providers.policies()) {
            check("a device holds a pool of policy " + policy.id(), () -> pool(policy.id()));
        }
        check("a device that is open is locked", this::locked);
        check("a device with something else on it is left alone", this::foreign);
        check("more than a device or file system has is refused", this::tooLarge);
        check("a read-only file system is told as such", this::readOnly);
        check("pages are on the NUMA node asked for", this::nodes);
        check("blocks of an access are on its NUMA node, and those of a thread on the node it runs on", this::arenas);
    }

    private void check(String name, Check check) {
        try {
            check.run();
            console.say("pass " + name);
        } catch (RuntimeException | Error failure) {
            right = false;
            console.say("FAIL " + name + ": " + failure);
        }
    }

    private Path path(String place) {
        String value = places.get(place);
        if (value == null) {
            throw new IllegalArgumentException("argument is missing: name=" + place);
        }
        return Path.of(value);
    }

    private static void expect(Object expected, Object found, String what) {
        if (!expected.equals(found)) {
            throw new IllegalStateException(what + ": expected=" + expected + " found=" + found);
        }
    }

    private static void refused(Reason reason, Check check) {
        try {
            check.run();
        } catch (PoolOpenException refusal) {
            expect(reason, refusal.reason(), "reason of " + refusal.getMessage());
            return;
        }
        throw new IllegalStateException("not refused: expected=" + reason);
    }

    // What pools conclude from this attribute is the next check.
    private void platform() {
        Map<String, String> found = new TreeMap<>();
        try (DirectoryStream<Path> regionsOfBus = Files.newDirectoryStream(BUS, "region*")) {
            for (Path region : regionsOfBus) {
                Path attribute = region.resolve("persistence_domain");
                String said =
                        Files.exists(attribute) ? Files.readString(attribute).strip() : NO_ATTRIBUTE;
                found.put(String.valueOf(region.getFileName()), said);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        console.say("pass " + BUS + "/region*/persistence_domain: " + found);
        String told = places.getOrDefault("domain", "");
        expect(3, found.size(), "regions of " + BUS);
        expect(Set.of(told.equals("unknown") ? NO_ATTRIBUTE : told), Set.copyOf(found.values()), "persistence domains");
    }

    private void domains() {
        DurabilityDomain expected = places.getOrDefault("domain", "").equals("cpu_cache")
                ? DurabilityDomain.PERSISTENT_CACHES
                : DurabilityDomain.SYNCHRONOUS_DAX;
        for (Path folder : new Path[] {path("ext4"), path("xfs"), path("memory")}) {
            expect(regions.domains(folder.resolve("new.pool")), regions.domains(folder), "domains of " + folder);
        }
        for (Path file : new Path[] {path("ext4").resolve("a.pool"), path("xfs").resolve("a.pool"), device}) {
            try (Region region = regions.create(file, POOL_BYTES, RegionOptions.defaults())) {
                expect(expected, region.durability().domain(), "domain of " + file);
                expect(true, region.durability().notes().isEmpty(), "no notes in " + region.durability());
                console.say("pass " + file + " is reported as domain="
                        + region.durability().domain().id() + " writeBack="
                        + region.durability().writeBack() + " fence="
                        + region.durability().fence());
            }
        }
    }

    private void contradictedDomain() {
        boolean offered = !places.getOrDefault("domain", "").equals("memory_controller");
        for (Path file : new Path[] {path("ext4").resolve("b.pool"), device}) {
            expect(offered, regions.domains(file).contains(DurabilityDomain.PERSISTENT_CACHES), "offer of " + file);
        }
    }

    private void notDax() {
        for (Path file : new Path[] {path("memory").resolve("a.pool"), Path.of("/job/a.pool"), Path.of("/init")}) {
            Set<DurabilityDomain> domains = regions.domains(file);
            expect(false, domains.contains(DurabilityDomain.SYNCHRONOUS_DAX), "DAX among " + domains + " of " + file);
        }
        for (String other : new String[] {"/dev/zero", "/dev/null", "/dev/ttyS0", "/dev/pmem0"}) {
            expect(false, regions.isDevice(Path.of(other)), other);
            refused(Reason.NOT_A_FILE, () -> Pool.open(Path.of(other), PoolOptions.open()));
        }
    }

    private void pool(String policy) {
        erase();
        long handle;
        try (Pool pool = Pool.open(device, PoolOptions.create(POOL_BYTES).policy(policy))) {
            handle = pool.allocate(100);
            pool.segment(handle).set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
            pool.persist(handle, 0, 1);
            pool.setRoot("block", handle);
        }
        expect(CheckReport.State.CLEAN, Pool.check(device).state(), "check");
        refused(
                Reason.EXISTS,
                () -> Pool.open(device, PoolOptions.createNew(POOL_BYTES).policy(policy)));
        try (Pool pool = Pool.open(device, PoolOptions.create(POOL_BYTES).policy(policy))) {
            expect(handle, pool.root("block"), "root");
            expect((byte) 7, pool.segment(handle).get(ValueLayout.JAVA_BYTE, 0), "content");
            expect(true, pool.verify().isEmpty(), "no findings");
            pool.free(handle);
        }
        try (Pool pool = Pool.open(device, PoolOptions.open())) {
            expect(false, pool.isLive(handle), "freed block");
        }
    }

    // As a user would, by writing zeros over the superblocks.
    private void erase() {
        try (Region region = regions.open(device, RegionOptions.defaults())) {
            region.slice(0, MIB).fill((byte) 0);
        }
    }

    private void locked() {
        Region region = regions.open(device, RegionOptions.defaults());
        try (region) {
            refused(Reason.LOCKED, () -> regions.open(device, RegionOptions.defaults()));
            refused(Reason.LOCKED, () -> regions.view(device));
        }
        regions.open(device, RegionOptions.defaults()).close();
    }

    private void foreign() {
        try (Region region = regions.open(device, RegionOptions.defaults())) {
            region.slice(0, MIB).fill((byte) 0x33);
        }
        refused(Reason.NOT_A_POOL, () -> Pool.open(device, PoolOptions.create(POOL_BYTES)));
        try (Region region = regions.view(device)) {
            expect(0x3333_3333_3333_3333L, region.loadPlain(8), "content");
            expect(0L, region.capacityBytes() % (2 * MIB), "length of whole units");
        }
        erase();
    }

    private void tooLarge() {
        refused(Reason.NO_SPACE, () -> Pool.open(device, PoolOptions.create(600 * MIB)));
        refused(Reason.NO_SPACE, () -> Pool.open(path("ext4").resolve("c.pool"), PoolOptions.create(600 * MIB)));
        refused(Reason.NO_SPACE, () -> Pool.open(path("xfs").resolve("c.pool"), PoolOptions.create(600 * MIB)));
    }

    private void readOnly() {
        refused(Reason.READ_ONLY, () -> Pool.open(Path.of("/c.pool"), PoolOptions.create(POOL_BYTES)));
    }

    private void nodes() {
        for (int node = 0; node < 2; node++) {
            RegionOptions options = new RegionOptions(
                    Optional.empty(),
                    false,
                    true,
                    MemoryPlacement.anywhere().onNode(node).prefault(2, ignored -> {}));
            Path file = path("memory").resolve("node-" + node);
            try (Region anonymous = regions.anonymous(POOL_BYTES, options);
                    Region inMemory = regions.create(file, POOL_BYTES, options)) {
                requireOn(node, anonymous);
                requireOn(node, inMemory);
            }
        }
        // Which device the kernel calls the first is its own affair, so only that each has one of the machine's nodes
        // is known.
        for (String place : List.of("ext4", "xfs", "devdax")) {
            requireNear(path(place));
        }
    }

    // As a user would: only the addresses of blocks tell where they are.
    private void arenas() {
        PoolOptions options = PoolOptions.create(POOL_BYTES)
                .policy("segregated")
                .placement(MemoryPlacement.anywhere().overNodes(0, 1));
        RegionOptions divided = new RegionOptions(Optional.empty(), false, true, options.placement());
        try (Region region = regions.anonymous(POOL_BYTES, divided);
                Pool pool = Providers.only(PoolProvider.class).openOn(region, options)) {
            expect(List.of(0, 1), pool.numaNodes(), "nodes of the pool");
            for (int node : pool.numaNodes()) {
                try (PoolAccess access = pool.access(node)) {
                    for (int i = 0; i < BLOCKS_ON_A_NODE; i++) {
                        requireOn(node, pool, region, access.allocate(BLOCK_BYTES));
                    }
                }
            }
            for (int i = 0; i < BLOCKS_ON_A_NODE; i++) {
                int node = region.nodeOfThread();
                long handle = pool.allocate(BLOCK_BYTES);
                if (node == region.nodeOfThread()) {
                    requireOn(node, pool, region, handle);
                }
            }
        }
    }

    private static void requireOn(int node, Pool pool, Region region, long handle) {
        pool.segment(handle).fill((byte) 1);
        expect(OptionalInt.of(node), pool.numaNodeOf(handle), "node of the block " + handle);
        Set<Integer> found =
                Arrays.stream(region.pageNodes(handle & -PAGE_BYTES, 1)).boxed().collect(Collectors.toSet());
        expect(Set.of(node), found, "node of the page of the block " + handle);
    }

    private void requireNear(Path place) {
        List<String> found = regions.describe(place).stream()
                .filter(fact -> fact.name().equals("node of the memory"))
                .map(PlaceFact::value)
                .toList();
        boolean known = found.equals(List.of("0")) || found.equals(List.of("1"));
        expect(true, known, "known node of the memory of " + place + " in " + found);
        console.say("pass the memory of " + place + " is near node " + found);
    }

    private static void requireOn(int node, Region region) {
        int[] found = region.pageNodes(0, region.capacityBytes());
        expect((int) (region.capacityBytes() / 4096), found.length, "pages of " + region.name());
        expect(
                Set.of(node),
                Set.copyOf(Arrays.stream(found).distinct().boxed().toList()),
                "nodes of the pages of " + region.name());
    }
}
