package pmem.tool.bench;

import java.util.ArrayList;
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
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;
import pmem.tool.replay.TimedReplay;
import pmem.tool.trace.Trace;

/** How often the lines of a pool are written: memory that wears out dies where it is written most. */
final class WearProgram implements Program {
    private static final long CAPACITY_BYTES = Size.mib(64);
    private static final int PEAKS_PER_POOL = 4;
    private static final int LIVE_BLOCKS = 10_000;
    private static final int STEPS = 200_000;
    private static final String BITMAP = "bitmap";
    private static final String CHURN = "churn";

    /** What is measured: a policy, with the name to show. */
    private record Candidate(String name, String policy, Map<String, Long> parameters) {
        PoolOptions options(long capacityBytes) {
            PoolOptions options = PoolOptions.create(capacityBytes).policy(policy);
            for (Map.Entry<String, Long> parameter : parameters.entrySet()) {
                options = options.policyParameter(parameter.getKey(), parameter.getValue());
            }
            return options;
        }
    }

    /** A program on a pool; returns how many allocates and frees it did after a run-in that is not counted. */
    private interface Load {
        long run(Pool pool, WearRegion region);
    }

    @Override
    public String id() {
        return "wear";
    }

    @Override
    public Figures run(ProgramSetting setting, Progress progress) {
        List<List<String>> table = new ArrayList<>(List.of(WearFigures.header()));
        Map<String, Double> worst = new LinkedHashMap<>();
        long done = 0;
        for (String policy : setting.policies()) {
            progress.step(done++, setting.policies().size(), "wear of " + policy);
            for (Candidate candidate : candidates(policy)) {
                table.add(measure(candidate, CAPACITY_BYTES, WearProgram::pair).row("pair 64 B", candidate.name()));
                WearFigures churn = measure(candidate, CAPACITY_BYTES, WearProgram::churn);
                table.add(churn.row(CHURN, candidate.name()));
                worst.put(candidate.name(), churn.hottestToMean());
                for (Trace trace : setting.traces()) {
                    long capacityBytes = Math.max(CAPACITY_BYTES, PEAKS_PER_POOL * trace.peakLiveBytes());
                    Load replay = (pool, region) -> replay(trace, pool);
                    table.add(measure(candidate, capacityBytes, replay).row(trace.name(), candidate.name()));
                }
            }
        }
        return new Figures(section(worst, table), table);
    }

    private static Section section(Map<String, Double> worst, List<List<String>> table) {
        return new Section("Wear")
                .text(String.format(
                        Locale.ROOT,
                        "Write-backs of each line of metadata over %,d operations: of a pair, of a churn with %,d live blocks of"
                                + " 64 to 4,096 bytes, and of recorded programs. Payload is not counted: it is the program's."
                                + " No line of the log is among them. The mean is that of the lines ever written.",
                        2 * STEPS,
                        LIVE_BLOCKS))
                .chart(Charts.bars(
                        "most written line / mean, churn", "times", worst, name -> true, OptionalDouble.empty()))
                .table(table);
    }

    private static List<Candidate> candidates(String policy) {
        Candidate plain = new Candidate(policy, policy, Map.of());
        return policy.equals(BITMAP) ? List.of(plain, rotating(0), rotating(2)) : List.of(plain);
    }

    private static Candidate rotating(long rotation) {
        return new Candidate(BITMAP + " rotation=" + rotation, BITMAP, Map.of("rotation", rotation));
    }

    private static WearFigures measure(Candidate candidate, long capacityBytes, Load load) {
        WearRegion region =
                new WearRegion(Providers.only(RegionProvider.class).anonymous(capacityBytes, RegionOptions.defaults()));
        try (Pool pool = Providers.only(PoolProvider.class).openOn(region, candidate.options(capacityBytes))) {
            region.reset();
            long operations = load.run(pool, region);
            return WearFigures.of(operations, region.writes(), region.fences());
        }
    }

    private static long pair(Pool pool, WearRegion region) {
        for (int i = 0; i < STEPS; i++) {
            pool.free(pool.allocate(64));
        }
        return 2L * STEPS;
    }

    private static long churn(Pool pool, WearRegion region) {
        Random random = new Random(1);
        long[] handles = new long[LIVE_BLOCKS];
        for (int i = 0; i < LIVE_BLOCKS; i++) {
            handles[i] = pool.allocate(size(random));
        }
        region.reset();
        for (int i = 0; i < STEPS; i++) {
            int slot = random.nextInt(LIVE_BLOCKS);
            pool.free(handles[slot]);
            handles[slot] = pool.allocate(size(random));
        }
        return 2L * STEPS;
    }

    private static long replay(Trace trace, Pool pool) {
        TimedReplay.nanosPerOperation(trace, pool);
        return trace.operationCount();
    }

    private static long size(Random random) {
        return 64L * (1 + random.nextInt(64));
    }
}
