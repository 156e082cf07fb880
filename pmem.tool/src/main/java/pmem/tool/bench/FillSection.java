package pmem.tool.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pmem.bench.campaign.Outcome;
import pmem.bench.campaign.Result;
import pmem.bench.measure.WorkloadKind;

/** The cost of an operation against how full the pool is, from the workloads that fill it. */
final class FillSection {
    private static final Map<WorkloadKind, Integer> PERCENT =
            Map.of(WorkloadKind.FILL_50, 50, WorkloadKind.FILL_90, 90, WorkloadKind.FILL_99, 99);

    private FillSection() {}

    static Section of(Outcome outcome) {
        Section section = new Section("Cost against fill level")
                .text(
                        "A pool is filled with blocks of one size, random ones are freed until the share is reached, then random"
                                + " blocks are freed and allocated again.");
        for (boolean durable : new boolean[] {true, false}) {
            Map<String, List<double[]>> curves = new LinkedHashMap<>();
            for (Result result : outcome.results()) {
                Integer percent = PERCENT.get(result.spec().kind());
                if (percent != null && result.subject().isVolatile() != durable) {
                    curves.computeIfAbsent(result.subject().title(), any -> new ArrayList<>())
                            .add(new double[] {percent, result.nanosPerOperation()});
                }
            }
            if (!curves.isEmpty()) {
                section.chart(Charts.lines(
                        durable ? "durable" : "volatile", "percent full", "ns an operation", curves, false));
            }
        }
        return section;
    }
}
