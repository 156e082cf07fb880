package pmem.tool.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.bench.campaign.Progress;

/** How many bytes a block of a size takes from the pool. */
final class OverheadProgram implements Program {
    private static final long[] SIZES = {
        8, 16, 24, 32, 48, 64, 80, 100, 128, 192, 200, 256, 400, 512, 640, 1000, 1024, 1500, 2048, 3000, 4096, 6000,
        8192, 12_000, 16_384, 40_000, 65_536, 100_000, 262_144, 1_000_000
    };
    private static final long CAPACITY_BYTES = Size.mib(64);
    private static final long FILLED_BYTES = Size.mib(16);

    @Override
    public String id() {
        return "overhead";
    }

    @Override
    public Figures run(ProgramSetting setting, Progress progress) {
        Map<String, List<double[]>> curves = new LinkedHashMap<>();
        List<List<String>> table = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("size asked for"));
        header.addAll(setting.policies());
        table.add(header);
        long done = 0;
        for (long bytes : SIZES) {
            progress.step(done++, SIZES.length, "overhead of " + bytes + " bytes");
            List<String> row = new ArrayList<>(List.of(Long.toString(bytes)));
            for (String policy : setting.policies()) {
                double taken = takenBytes(policy, bytes);
                row.add(String.format(Locale.ROOT, "%.1f", taken));
                curves.computeIfAbsent(policy, any -> new ArrayList<>())
                        .add(new double[] {bytes, 100 * (taken - bytes) / bytes});
            }
            table.add(row);
        }
        Section section = new Section("Memory taken for a block")
                .text(
                        "Bytes a pool takes from its free space for each of many blocks of a size, slack of partly filled slabs"
                                + " included; the metadata that is there anyway is not.")
                .chart(Charts.lines("overhead", "bytes asked for, logarithmic", "percent more taken", curves, true))
                .table(table);
        return new Figures(section, table);
    }

    private static double takenBytes(String policy, long bytes) {
        try (Pool pool = Pool.openVolatile(PoolOptions.create(CAPACITY_BYTES).policy(policy))) {
            long before = pool.usedBytes();
            long blocks = Math.max(1, FILLED_BYTES / Math.max(64, bytes));
            for (long i = 0; i < blocks; i++) {
                pool.allocate(bytes);
            }
            return (double) (pool.usedBytes() - before) / blocks;
        }
    }
}
