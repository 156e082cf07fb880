package pmem.tool.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pmem.api.Size;
import pmem.bench.allocator.Subject;
import pmem.bench.campaign.FrameRun;
import pmem.bench.campaign.NotRun;
import pmem.bench.campaign.Plan;
import pmem.bench.campaign.Progress;
import pmem.bench.frames.FrameBench;
import pmem.bench.frames.FrameCost;
import pmem.bench.frames.FrameSpec;

/** The benchmarks of nvalloc and LLFree: frames of 4 KiB, allocations and frees apart, a row for each iteration. */
final class FramesProgram implements Program {
    private static final long FRAME_BYTES = Size.kib(4);
    // Of the pool, so that its own data fits beside the frames that fill it.
    private static final int FILLED_PERCENT = 95;
    private static final int ITERATIONS_MAX = 3;
    private static final int[] LEVELS = {0, 20, 40, 60, 80};

    @Override
    public String id() {
        return "frames";
    }

    @Override
    public Figures run(ProgramSetting setting, Progress progress) {
        Plan plan = setting.plan();
        List<Subject> pools = plan.subjects().stream()
                .filter(subject -> subject.allocator().equals(Subject.PMEM))
                .toList();
        Plan own = new Plan(
                List.of(),
                pools,
                Math.min(plan.rounds(), ITERATIONS_MAX),
                plan.roundNanos(),
                plan.warmUpNanos(),
                true,
                plan.capacityBytes());
        FrameRun.Rows rows = FrameRun.run(own, specs(plan.capacityBytes(), setting.threads()), progress);
        List<FrameFragmentation> fragmentation = new ArrayList<>();
        for (String policy : setting.policies()) {
            fragmentation.add(FrameFragmentation.of(policy, plan.capacityBytes(), FRAME_BYTES));
        }
        return new Figures(section(rows, fragmentation, plan.capacityBytes()), csv(rows, fragmentation));
    }

    private static List<FrameSpec> specs(long capacityBytes, List<Integer> threads) {
        int half = (int) (capacityBytes / 2 / FRAME_BYTES);
        int all = (int) (capacityBytes / 100 * FILLED_PERCENT / FRAME_BYTES);
        List<FrameSpec> specs = new ArrayList<>();
        for (int count : threads) {
            for (FrameBench bench : List.of(FrameBench.BULK, FrameBench.REPEAT, FrameBench.RANDOM)) {
                specs.add(new FrameSpec(bench, half, FRAME_BYTES, count, 0));
            }
            for (int level : LEVELS) {
                specs.add(new FrameSpec(FrameBench.FILLING, all, FRAME_BYTES, count, level));
            }
        }
        return specs;
    }

    private static String title(FrameSpec spec) {
        return spec.bench().id()
                + (spec.bench() == FrameBench.FILLING ? " " + spec.percent() + " %" : "")
                + (spec.threads() == 1 ? "" : " x" + spec.threads());
    }

    private static Section section(FrameRun.Rows rows, List<FrameFragmentation> fragmentation, long capacityBytes) {
        Section section = new Section("Frames of 4 KiB")
                .text("The benchmarks of nvalloc and LLFree on pools of " + Size.format(capacityBytes)
                        + ": ns an allocation / ns a free, mean of the threads and of the iterations. bulk, repeat and random"
                        + " take half of the pool; filling allocates and frees a tenth of it above a level. In repeat and"
                        + " random calls alternate, so both figures are half of a pair.");
        for (boolean durable : new boolean[] {true, false}) {
            section.table(table(rows.rows(), durable));
        }
        section.table(FrameFragmentation.table(fragmentation));
        List<List<String>> notRun = new ArrayList<>(List.of(List.of("allocator", "benchmark", "not run because")));
        for (NotRun row : rows.notRun()) {
            notRun.add(List.of(row.subject().title(), row.workload(), row.reason()));
        }
        return section.table(notRun);
    }

    private static List<List<String>> table(List<FrameRun.Row> rows, boolean durable) {
        Map<Subject, Map<String, List<FrameCost>>> costs = new LinkedHashMap<>();
        Map<String, Boolean> titles = new LinkedHashMap<>();
        for (FrameRun.Row row : rows) {
            if (row.subject().isVolatile() != durable) {
                titles.put(title(row.spec()), true);
                costs.computeIfAbsent(row.subject(), any -> new LinkedHashMap<>())
                        .computeIfAbsent(title(row.spec()), any -> new ArrayList<>())
                        .add(row.cost());
            }
        }
        List<List<String>> table = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of(durable ? "durable" : "volatile"));
        header.addAll(titles.keySet());
        table.add(header);
        costs.forEach((subject, byTitle) -> {
            List<String> line = new ArrayList<>(List.of(subject.title()));
            titles.keySet().forEach(title -> line.add(byTitle.containsKey(title) ? means(byTitle.get(title)) : "-"));
            table.add(line);
        });
        return table;
    }

    private static String means(List<FrameCost> costs) {
        return ResultTable.figure(costs.stream()
                        .mapToDouble(cost -> cost.allocate().avg())
                        .average()
                        .orElse(0))
                + " / "
                + ResultTable.figure(costs.stream()
                        .mapToDouble(cost -> cost.free().avg())
                        .average()
                        .orElse(0));
    }

    private static List<List<String>> csv(FrameRun.Rows rows, List<FrameFragmentation> fragmentation) {
        List<List<String>> csv = new ArrayList<>();
        csv.add(List.of(
                "bench",
                "allocator",
                "policy",
                "domain",
                "threads",
                "x",
                "iteration",
                "frames",
                "allocateMinNs",
                "allocateAvgNs",
                "allocateMaxNs",
                "freeMinNs",
                "freeAvgNs",
                "freeMaxNs",
                "initMs",
                "totalMs"));
        for (FrameRun.Row row : rows.rows()) {
            FrameSpec spec = row.spec();
            FrameCost cost = row.cost();
            csv.add(List.of(
                    spec.bench().id(),
                    row.subject().allocator(),
                    row.subject().policy(),
                    row.subject().domain(),
                    Integer.toString(spec.threads()),
                    Integer.toString(spec.bench() == FrameBench.FILLING ? spec.percent() : spec.threads()),
                    Integer.toString(row.iteration()),
                    Integer.toString(spec.frames()),
                    text(cost.allocate().min()),
                    text(cost.allocate().avg()),
                    text(cost.allocate().max()),
                    text(cost.free().min()),
                    text(cost.free().avg()),
                    text(cost.free().max()),
                    text(cost.initMillis()),
                    text(cost.totalMillis())));
        }
        fragmentation.forEach(course -> csv.addAll(course.csv(csv.getFirst().size())));
        return csv;
    }

    private static String text(double figure) {
        return String.format(Locale.ROOT, "%.3f", figure);
    }
}
