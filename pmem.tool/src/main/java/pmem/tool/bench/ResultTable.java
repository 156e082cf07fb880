package pmem.tool.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import pmem.bench.allocator.Subject;
import pmem.bench.campaign.NotRun;
import pmem.bench.campaign.Outcome;
import pmem.bench.campaign.Result;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

/** The results for people: allocators down, workloads across, nanoseconds an operation. */
final class ResultTable {
    private final List<WorkloadSpec> workloads = new ArrayList<>();
    private final Map<Subject, Map<WorkloadSpec, Result>> rows = new LinkedHashMap<>();
    private final List<NotRun> notRun;

    ResultTable(Outcome outcome) {
        notRun = outcome.notRun();
        Set<WorkloadSpec> seen = new LinkedHashSet<>();
        for (Result result : outcome.results()) {
            if (result.spec().kind() != WorkloadKind.FLOOR) {
                seen.add(result.spec());
            }
        }
        workloads.addAll(seen);
        outcome.results().stream()
                .filter(result -> result.spec().kind() != WorkloadKind.FLOOR)
                .forEach(result -> rows.computeIfAbsent(result.subject(), any -> new LinkedHashMap<>())
                        .put(result.spec(), result));
    }

    /** Header and rows of the durable allocators, or of the volatile ones. */
    List<List<String>> cells(boolean durable) {
        List<WorkloadSpec> columns = workloads.stream()
                .filter(spec -> rows.entrySet().stream()
                        .anyMatch(row -> row.getKey().isVolatile() != durable
                                && row.getValue().containsKey(spec)))
                .toList();
        List<List<String>> cells = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("allocator"));
        columns.forEach(spec -> header.add(spec.title()));
        cells.add(header);
        rows.forEach((subject, results) -> {
            if (subject.isVolatile() != durable) {
                List<String> row = new ArrayList<>(List.of(subject.title()));
                columns.forEach(spec -> row.add(
                        results.containsKey(spec) ? figure(results.get(spec).nanosPerOperation()) : "-"));
                cells.add(row);
            }
        });
        return cells;
    }

    /** Three significant digits. */
    static String figure(double nanos) {
        int decimals = nanos < 10 ? 2 : nanos < 100 ? 1 : 0;
        return String.format(Locale.ROOT, "%,." + decimals + "f", nanos);
    }

    /** Lines and fences of an operation, by pools and workload. */
    List<List<String>> persistCells() {
        List<List<String>> cells = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("allocator"));
        workloads.forEach(spec -> header.add(spec.title()));
        cells.add(header);
        rows.forEach((subject, results) -> {
            if (!subject.isVolatile() && subject.isPool()) {
                List<String> row = new ArrayList<>(List.of(subject.title()));
                workloads.forEach(spec -> row.add(results.containsKey(spec) ? persists(results.get(spec)) : "-"));
                cells.add(row);
            }
        });
        return cells;
    }

    private static String persists(Result result) {
        return result.linesPerOperation().isEmpty()
                ? "?"
                : String.format(
                        Locale.ROOT,
                        "%.2f / %.2f",
                        result.linesPerOperation().getAsDouble(),
                        result.fencesPerOperation().orElse(0));
    }

    /** What is lacking: allocator, workload, reason. */
    List<List<String>> notRunCells() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("allocator", "workload", "not run because"));
        for (NotRun row : notRun) {
            cells.add(
                    List.of(row.subject().title() + " (" + row.subject().domain() + ")", row.workload(), row.reason()));
        }
        return cells;
    }
}
