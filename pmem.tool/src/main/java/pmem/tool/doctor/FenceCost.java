package pmem.tool.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import pmem.api.DurabilityDomain;
import pmem.api.PmemException;
import pmem.spi.PersistPoint;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;

/**
 * Measures on the spot what it costs to make a store durable, in a new region that is never published: nothing of it is left,
 * and no pool is touched. A device is opened as it is, and its lines are written back without being changed.
 *
 * @param domain measured with this domain
 * @param what the steps
 * @param nanos median time of one
 */
record FenceCost(DurabilityDomain domain, String what, double nanos) {
    private static final PersistPoint POINT =
            new PersistPoint("doctor.measure", "Nothing depends on it: the region is thrown away.");
    private static final long CAPACITY_BYTES = 2 << 20;
    private static final int ROUNDS = 31;
    private static final int CALLS_MAX = 2_000;
    // A round of msync on a slow disk must not take seconds.
    private static final long ROUND_NANOS_MAX = 5_000_000;
    private static final int LINES = 1024;
    private static final int NANOS_PER_MICRO = 1000;

    private interface Step {
        void run(int round);
    }

    /** The costs of all domains worth comparing at a place; empty where no region can be made. */
    static List<FenceCost> at(Path path) {
        RegionProvider regions = Providers.only(RegionProvider.class);
        Set<DurabilityDomain> offered = regions.domains(path);
        List<FenceCost> costs = new ArrayList<>();
        for (DurabilityDomain domain : offered) {
            boolean onDevice = regions.isDevice(path);
            // Of devices only what changes nothing.
            if (domain.survivesPowerLoss() || (domain == DurabilityDomain.FORCED_CACHE_LINE && !onDevice)) {
                costs.addAll(measure(regions, path, onDevice, domain));
            }
        }
        return costs;
    }

    private static List<FenceCost> measure(
            RegionProvider regions, Path path, boolean onDevice, DurabilityDomain domain) {
        RegionOptions options = new RegionOptions(Optional.of(domain), false);
        try (Region region =
                onDevice ? regions.open(path, options) : regions.create(unusedName(path), CAPACITY_BYTES, options)) {
            List<FenceCost> costs = new ArrayList<>();
            String store = onDevice ? "" : "store, ";
            costs.add(new FenceCost(domain, store + "write-back and fence of one line", median(round -> {
                long offset = (long) (round % LINES) * Region.LINE_BYTES;
                if (!onDevice) {
                    region.storePlain(offset, round);
                }
                region.writeBackAndFence(POINT, offset);
            })));
            costs.add(new FenceCost(domain, "fence alone", median(round -> region.fence(POINT))));
            return costs;
        } catch (PmemException refused) {
            return List.of();
        }
    }

    private static Path unusedName(Path path) {
        Path directory = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        String name = ".pmem-doctor-" + ProcessHandle.current().pid();
        return directory == null ? Path.of(name) : directory.resolve(name);
    }

    private static double median(Step step) {
        double[] nanos = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long started = System.nanoTime();
            int calls = 0;
            do {
                step.run(calls++);
            } while (calls < CALLS_MAX && System.nanoTime() - started < ROUND_NANOS_MAX);
            nanos[round] = (double) (System.nanoTime() - started) / calls;
        }
        Arrays.sort(nanos);
        return nanos[ROUNDS / 2];
    }

    /** The time in a unit people like. */
    String text() {
        return nanos < NANOS_PER_MICRO
                ? String.format(Locale.ROOT, "%.0f ns", nanos)
                : String.format(Locale.ROOT, "%.1f us", nanos / NANOS_PER_MICRO);
    }
}
