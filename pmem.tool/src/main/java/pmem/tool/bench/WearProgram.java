package pmem.tool.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.bench.campaign.Progress;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;

/** How often the lines of a pool are written: memory that wears out dies where it is written most. */
final class WearProgram implements Program {
    private static final long CAPACITY_BYTES = Size.mib(64);
    private static final int LIVE_BLOCKS = 10_000;
    private static final int STEPS = 200_000;

    @Override
    public String id() {
        return "wear";
    }

    @Override
    public Figures run(ProgramSetting setting, Progress progress) {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of(
                "policy",
                "lines an operation",
                "fences an operation",
                "lines ever written",
                "writes of the most written line",
                "share of the 64 most written lines"));
        Map<String, Double> worst = new LinkedHashMap<>();
        long done = 0;
        for (String policy : setting.policies()) {
            progress.step(done++, setting.policies().size(), "wear of " + policy);
            int[] writes = churn(policy, table);
            worst.put(policy, (double) Arrays.stream(writes).max().orElse(0));
        }
        Section section = new Section("Wear")
                .text(String.format(
                        Locale.ROOT,
                        "Write-backs of each line over %,d operations of a churn with %,d live blocks of 64 to 4,096 bytes."
                                + " Payload is not counted: it is the program's.",
                        2 * STEPS,
                        LIVE_BLOCKS))
                .chart(Charts.bars(
                        "writes of the most written line", "writes", worst, name -> true, OptionalDouble.empty()))
                .table(table);
        return new Figures(section, table);
    }

    private static int[] churn(String policy, List<List<String>> table) {
        Region memory = Providers.only(RegionProvider.class).anonymous(CAPACITY_BYTES, RegionOptions.defaults());
        WearRegion region = new WearRegion(memory);
        Random random = new Random(1);
        try (Pool pool = Providers.only(PoolProvider.class)
                .openOn(region, PoolOptions.create(CAPACITY_BYTES).policy(policy))) {
            long[] handles = new long[LIVE_BLOCKS];
            for (int i = 0; i < LIVE_BLOCKS; i++) {
                handles[i] = pool.allocate(size(random));
            }
            int[] before = region.writes();
            long linesBefore = region.linesWrittenBack();
            long fencesBefore = region.fences();
            for (int i = 0; i < STEPS; i++) {
                int slot = random.nextInt(LIVE_BLOCKS);
                pool.free(handles[slot]);
                handles[slot] = pool.allocate(size(random));
            }
            int[] writes = region.writes();
            for (int line = 0; line < writes.length; line++) {
                writes[line] -= before[line];
            }
            table.add(row(policy, writes, region.linesWrittenBack() - linesBefore, region.fences() - fencesBefore));
            return writes;
        }
    }

    private static long size(Random random) {
        return 64L * (1 + random.nextInt(64));
    }

    private static List<String> row(String policy, int[] writes, long lines, long fences) {
        int[] sorted = writes.clone();
        Arrays.sort(sorted);
        long hottest = Arrays.stream(sorted, sorted.length - 64, sorted.length).sum();
        return List.of(
                policy,
                String.format(Locale.ROOT, "%.3f", lines / (2.0 * STEPS)),
                String.format(Locale.ROOT, "%.3f", fences / (2.0 * STEPS)),
                Long.toString(Arrays.stream(writes).filter(count -> count > 0).count()),
                Integer.toString(sorted[sorted.length - 1]),
                String.format(Locale.ROOT, "%.3f", hottest / (double) Math.max(1, lines)));
    }
}
