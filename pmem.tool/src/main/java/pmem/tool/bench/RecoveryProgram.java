package pmem.tool.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import pmem.api.DurabilityDomain;
import pmem.api.PmemException;
import pmem.api.Size;
import pmem.bench.campaign.Progress;
import pmem.bench.open.OpenCost;
import pmem.bench.open.RecoveryCost;
import pmem.bench.open.RecoveryCostSettings;

/** What opening a pool after a crash takes, against its live blocks and against its size. */
final class RecoveryProgram implements Program {
    private static final Path MEMORY_FILES = Path.of("/dev/shm");
    private static final long BLOCK_BYTES = 256;
    private static final long BYTES_MIN = Size.mib(64);
    private static final int FEW_BLOCKS = 10_000;
    private static final List<Integer> BLOCKS = List.of(10_000, 100_000, 1_000_000, 10_000_000);
    private static final int BLOCKS_QUICK = 3;
    private static final List<Long> CAPACITIES =
            List.of(Size.gib(1), Size.gib(4), Size.gib(16), Size.gib(64), Size.gib(256), Size.gib(1024));

    /** One point of a curve. */
    private record Point(String policy, int blocks, long capacityBytes, OpenCost cost) {}

    @Override
    public String id() {
        return "recovery";
    }

    @Override
    public Figures run(ProgramSetting setting, Progress progress) {
        List<RecoveryCostSettings> byBlocks = new ArrayList<>();
        List<RecoveryCostSettings> byCapacity = new ArrayList<>();
        for (String policy : setting.policies()) {
            for (int blocks : setting.full() ? BLOCKS : BLOCKS.subList(0, BLOCKS_QUICK)) {
                long capacityBytes = Math.max(BYTES_MIN, 2 * BLOCK_BYTES * blocks);
                byBlocks.add(settings(setting, policy, capacityBytes, blocks));
            }
            for (long capacityBytes : CAPACITIES) {
                byCapacity.add(settings(setting, policy, capacityBytes, FEW_BLOCKS));
            }
        }
        int total = byBlocks.size() + byCapacity.size();
        List<List<String>> notRun = new ArrayList<>(List.of(List.of("policy", "pool", "not run because")));
        List<Point> blockPoints = measure(byBlocks, 0, total, notRun, progress);
        List<Point> capacityPoints = measure(byCapacity, byBlocks.size(), total, notRun, progress);
        Section section = new Section("Recovery time")
                .text(
                        "Milliseconds from the call that opens a pool after a crash to the first block it hands out, best of "
                                + rounds(setting) + " opens in one process. The pools are sparse files on "
                                + directory()
                                + "; blocks are of " + BLOCK_BYTES + " bytes.")
                .chart(chart("live blocks, logarithmic", blockPoints, true))
                .chart(chart("size of the pool in GiB, logarithmic, 10,000 live blocks", capacityPoints, false))
                .table(table(blockPoints, true))
                .table(table(capacityPoints, false))
                .table(notRun);
        List<Point> all = new ArrayList<>(blockPoints);
        all.addAll(capacityPoints);
        return new Figures(section, csv(all));
    }

    private static int rounds(ProgramSetting setting) {
        return setting.full() ? 15 : 5;
    }

    private static Path directory() {
        return Files.isWritable(MEMORY_FILES) ? MEMORY_FILES : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static RecoveryCostSettings settings(
            ProgramSetting setting, String policy, long capacityBytes, int blocks) {
        return new RecoveryCostSettings(
                policy,
                capacityBytes,
                false,
                blocks,
                BLOCK_BYTES,
                0,
                setting.full() ? 10 : 3,
                rounds(setting),
                Optional.of(DurabilityDomain.FORCED_CACHE_LINE),
                directory());
    }

    // A machine may lack the memory, or its file system the size: then the point is missing.
    private static List<Point> measure(
            List<RecoveryCostSettings> all, int done, int total, List<List<String>> notRun, Progress progress) {
        List<Point> points = new ArrayList<>();
        int step = done;
        for (RecoveryCostSettings one : all) {
            String pool = Size.format(one.capacityBytes()) + ", " + one.blocks() + " blocks";
            progress.step(step++, total, "recovery of " + one.policy() + ", " + pool);
            try {
                points.add(new Point(
                        one.policy(),
                        one.blocks(),
                        one.capacityBytes(),
                        RecoveryCost.measure(one).best()));
            } catch (PmemException | IllegalStateException | java.io.UncheckedIOException refused) {
                notRun.add(List.of(one.policy(), pool, String.valueOf(refused.getMessage())));
            }
        }
        return points;
    }

    private static String chart(String xUnit, List<Point> points, boolean byBlocks) {
        Map<String, List<double[]>> curves = new LinkedHashMap<>();
        for (Point point : points) {
            double x = byBlocks ? point.blocks : (double) point.capacityBytes / Size.gib(1);
            curves.computeIfAbsent(point.policy, any -> new ArrayList<>())
                    .add(new double[] {x, point.cost.readyMillis()});
        }
        return Charts.lines(byBlocks ? "by live blocks" : "by size", xUnit, "ms", curves, true);
    }

    private static List<List<String>> table(List<Point> points, boolean byBlocks) {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of(
                "policy",
                byBlocks ? "live blocks" : "size of the pool",
                "ms until the first block",
                "of them log",
                "of them rebuild",
                "ms to walk all blocks"));
        for (Point point : points) {
            OpenCost cost = point.cost;
            table.add(List.of(
                    point.policy,
                    byBlocks ? String.format(Locale.ROOT, "%,d", point.blocks) : Size.format(point.capacityBytes),
                    ResultTable.figure(cost.readyMillis()),
                    ResultTable.figure(cost.logMillis()),
                    ResultTable.figure(cost.rebuildMillis()),
                    ResultTable.figure(cost.walkMillis())));
        }
        return table;
    }

    private static List<List<String>> csv(List<Point> points) {
        List<List<String>> csv = new ArrayList<>();
        csv.add(List.of(
                "policy",
                "liveBlocks",
                "capacityBytes",
                "readyMs",
                "openMs",
                "logMs",
                "rebuildMs",
                "allocateMs",
                "walkMs"));
        for (Point point : points) {
            OpenCost cost = point.cost;
            csv.add(List.of(
                    point.policy,
                    Integer.toString(point.blocks),
                    Long.toString(point.capacityBytes),
                    text(cost.readyMillis()),
                    text(cost.openMillis()),
                    text(cost.logMillis()),
                    text(cost.rebuildMillis()),
                    text(cost.firstAllocationMillis()),
                    text(cost.walkMillis())));
        }
        return csv;
    }

    private static String text(double figure) {
        return String.format(Locale.ROOT, "%.4f", figure);
    }
}
