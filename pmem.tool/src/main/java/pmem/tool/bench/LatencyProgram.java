package pmem.tool.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pmem.bench.allocator.Subject;
import pmem.bench.campaign.LatencyRun;
import pmem.bench.campaign.Plan;
import pmem.bench.campaign.Progress;
import pmem.bench.measure.Latencies;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

/** The distribution of the times of single operations. */
final class LatencyProgram implements Program {
    @Override
    public String id() {
        return "latency";
    }

    @Override
    public Figures run(ProgramSetting setting, Progress progress) {
        Plan plan = setting.plan();
        WorkloadSpec churn = WorkloadSpec.of(WorkloadKind.CHURN, 0);
        // The floor has no plain operations and the C driver no such request; loaded policies are a matter of means.
        List<Subject> subjects = plan.subjects().stream()
                .filter(subject -> !subject.allocator().equals(Subject.FLOOR)
                        && !subject.allocator().endsWith("(C)")
                        && !subject.allPoliciesLoaded()
                        && subject.takesPart(churn))
                .toList();
        Plan own = new Plan(
                List.of(churn), subjects, 1, 8 * plan.roundNanos(), plan.warmUpNanos(), true, plan.capacityBytes());
        List<LatencyRun.Row> rows = LatencyRun.run(own, progress);
        Section section = new Section("Latency of single operations")
                .text(
                        "Each allocate and free of the churn workload timed by itself, the clock included (some 20 ns), in ns."
                                + " The slowest ones show when the system took the processor away.");
        List<List<String>> csv = new ArrayList<>();
        csv.add(List.of("workload", "allocator", "policy", "domain", "p50", "p90", "p99", "p99.9", "p99.99", "max"));
        for (boolean durable : new boolean[] {true, false}) {
            add(section, csv, rows, durable);
        }
        return new Figures(section, csv);
    }

    private static void add(Section section, List<List<String>> csv, List<LatencyRun.Row> rows, boolean durable) {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of(durable ? "durable" : "volatile", "p50", "p90", "p99", "p99.9", "p99.99", "max"));
        Map<String, List<double[]>> curves = new LinkedHashMap<>();
        for (LatencyRun.Row row : rows) {
            if (row.subject().isVolatile() != durable) {
                List<String> figures = new ArrayList<>();
                List<double[]> points = new ArrayList<>();
                for (int i = 0; i < Latencies.PERCENTILES.length; i++) {
                    double nanos = row.latencies().nanos()[i];
                    figures.add(ResultTable.figure(nanos));
                    if (Latencies.PERCENTILES[i] < 100) {
                        points.add(new double[] {100 / (100 - Latencies.PERCENTILES[i]), nanos});
                    }
                }
                curves.put(row.subject().title(), points);
                table.add(joined(List.of(row.subject().title()), figures));
                csv.add(joined(
                        List.of(
                                row.spec().kind().id(),
                                row.subject().allocator(),
                                row.subject().policy(),
                                row.subject().domain()),
                        figures.stream().map(figure -> figure.replace(",", "")).toList()));
            }
        }
        section.table(table);
        if (!curves.isEmpty()) {
            section.chart(Charts.lines(
                    "churn, " + (durable ? "durable" : "volatile"),
                    "one operation in ... is slower, logarithmic",
                    "ns",
                    curves,
                    true));
        }
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
