package pmem.tool.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import pmem.bench.allocator.Subject;
import pmem.bench.campaign.Outcome;
import pmem.bench.campaign.Result;
import pmem.bench.measure.WorkloadKind;
import pmem.bench.measure.WorkloadSpec;

/** The part of the report that shows the workloads: tables, bars side by side, scaling curves. */
final class WorkloadSections {
    private static final String UNIT = "ns an operation";

    private WorkloadSections() {}

    static List<Section> of(Outcome outcome) {
        List<Section> sections = new ArrayList<>();
        sections.add(table("Durable at return: " + UNIT, new ResultTable(outcome), true));
        sections.add(table("Volatile: " + UNIT, new ResultTable(outcome), false));
        sections.add(new Section("Lines / fences an operation")
                .text("Counted, not timed. The number of fences decides the time.")
                .table(new ResultTable(outcome).persistCells()));
        sections.add(new Section("The floor")
                .text(
                        "One store, the write-back of its line and a fence, on random lines of a working set. No durable operation"
                                + " of this kind of memory can be faster.")
                .table(floorCells(outcome)));
        sections.add(bars("Side by side, durable", outcome, true));
        sections.add(bars("Side by side, volatile", outcome, false));
        sections.add(scaling(outcome));
        sections.add(FillSection.of(outcome));
        sections.add(new Section("Not run").table(new ResultTable(outcome).notRunCells()));
        sections.removeIf(
                section -> section.charts().isEmpty() && section.tables().isEmpty());
        return sections;
    }

    private static Section table(String title, ResultTable table, boolean durable) {
        return new Section(title)
                .text("Median of the rounds. One operation is one allocate or one free.")
                .table(table.cells(durable));
    }

    static List<List<String>> floorCells(Outcome outcome) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("working set", "from", UNIT, "error"));
        outcome.results().stream()
                .filter(result -> result.spec().kind() == WorkloadKind.FLOOR)
                .forEach(result -> cells.add(List.of(
                        result.spec().blockBytes() == 64
                                ? "the same line"
                                : pmem.api.Size.format(result.spec().blockBytes()),
                        result.subject().title(),
                        ResultTable.figure(result.nanosPerOperation()),
                        ResultTable.figure(result.error()))));
        return cells;
    }

    /** The floor from Java on a working set that does not fit the nearest cache, if it was measured. */
    private static OptionalDouble floor(Outcome outcome) {
        return outcome.results().stream()
                .filter(result -> result.spec().kind() == WorkloadKind.FLOOR
                        && result.subject().equals(Subject.floor())
                        && result.spec().blockBytes() == pmem.api.Size.mib(1))
                .mapToDouble(Result::nanosPerOperation)
                .findFirst();
    }

    private static Section bars(String title, Outcome outcome, boolean durable) {
        Section section = new Section(title);
        Set<WorkloadSpec> specs = new LinkedHashSet<>();
        outcome.results().forEach(result -> specs.add(result.spec()));
        for (WorkloadSpec spec : specs) {
            Map<String, Double> values = new LinkedHashMap<>();
            outcome.results().stream()
                    .filter(result -> result.spec().equals(spec)
                            && spec.kind() != WorkloadKind.FLOOR
                            && result.subject().isVolatile() != durable)
                    .forEach(result -> values.put(result.subject().title(), result.nanosPerOperation()));
            if (!values.isEmpty()) {
                section.chart(Charts.bars(
                        spec.title(),
                        UNIT,
                        values,
                        name -> name.startsWith(Subject.PMEM + " "),
                        durable ? floor(outcome) : OptionalDouble.empty()));
            }
        }
        return section;
    }

    private static Section scaling(Outcome outcome) {
        Section section = new Section("Scaling over threads")
                .text("Nanoseconds of a thread an operation: a flat curve is perfect.");
        Set<WorkloadSpec> bases = new LinkedHashSet<>();
        outcome.results().stream()
                .filter(result ->
                        result.spec().threads() > 1 && !result.spec().kind().needsTwoThreads())
                .forEach(result -> bases.add(
                        new WorkloadSpec(result.spec().kind(), result.spec().blockBytes(), 1)));
        for (WorkloadSpec base : bases) {
            for (boolean durable : new boolean[] {true, false}) {
                Map<String, List<double[]>> curves = curves(outcome, base, durable);
                if (!curves.isEmpty()) {
                    section.chart(Charts.lines(
                            base.title() + (durable ? ", durable" : ", volatile"), "threads", UNIT, curves, false));
                }
            }
        }
        return section;
    }

    // Curves of one point say nothing.
    private static Map<String, List<double[]>> curves(Outcome outcome, WorkloadSpec base, boolean durable) {
        Map<String, List<double[]>> curves = new LinkedHashMap<>();
        outcome.results().stream()
                .filter(result -> result.spec().kind() == base.kind()
                        && result.spec().blockBytes() == base.blockBytes()
                        && !result.subject().allPoliciesLoaded()
                        && result.subject().isVolatile() != durable)
                .forEach(result -> curves.computeIfAbsent(result.subject().title(), any -> new ArrayList<>())
                        .add(new double[] {result.spec().threads(), result.nanosPerOperation()}));
        curves.values().removeIf(points -> points.size() < 2);
        return curves;
    }
}
