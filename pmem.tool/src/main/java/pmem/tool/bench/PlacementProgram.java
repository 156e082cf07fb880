package pmem.tool.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import pmem.api.MemoryPlacement;
import pmem.api.Size;
import pmem.bench.campaign.Progress;
import pmem.bench.open.PlacementCost;

/** What huge pages and pages made at open do for a volatile pool. */
final class PlacementProgram implements Program {
    private static final String POLICY = "buddy";
    private static final long CAPACITY_BYTES = Size.mib(256);
    private static final long CAPACITY_BYTES_FULL = Size.gib(2);
    private static final int ROUNDS = 3;

    @Override
    public String id() {
        return "placement";
    }

    @Override
    public Figures run(ProgramSetting setting, Progress progress) {
        long capacityBytes = setting.full() ? CAPACITY_BYTES_FULL : CAPACITY_BYTES;
        List<List<String>> table = new ArrayList<>();
        table.add(
                List.of("placement", "ms to open", "ns for the first store to a page", "ns for a load from anywhere"));
        Map<String, Double> loads = new LinkedHashMap<>();
        Map<String, MemoryPlacement> placements = placements();
        long done = 0;
        for (Map.Entry<String, MemoryPlacement> placement : placements.entrySet()) {
            progress.step(done++, placements.size(), "placement: " + placement.getKey());
            PlacementCost cost = best(capacityBytes, placement.getValue());
            table.add(List.of(
                    placement.getKey(),
                    ResultTable.figure(cost.openMillis()),
                    ResultTable.figure(cost.firstTouchNanos()),
                    ResultTable.figure(cost.randomLoadNanos())));
            loads.put(placement.getKey(), cost.randomLoadNanos());
        }
        Section section = new Section("Placement of pages")
                .text(String.format(
                        Locale.ROOT,
                        "A volatile pool of %s with one block that fills it: opening it, storing to each page of 4,096 bytes"
                                + " for the first time, and loads from anywhere, each waiting for the one before. Least of %d pools.",
                        Size.format(capacityBytes),
                        ROUNDS))
                .chart(Charts.bars("load from anywhere", "ns", loads, name -> true, OptionalDouble.empty()))
                .table(table);
        return new Figures(section, table);
    }

    private static Map<String, MemoryPlacement> placements() {
        int threads = Runtime.getRuntime().availableProcessors();
        MemoryPlacement anywhere = MemoryPlacement.anywhere();
        Map<String, MemoryPlacement> placements = new LinkedHashMap<>();
        placements.put("anywhere", anywhere);
        placements.put("hugePages", anywhere.hugePages());
        placements.put("prefault(1)", anywhere.prefault(1, bytes -> {}));
        if (threads > 1) {
            placements.put("prefault(" + threads + ")", anywhere.prefault(threads, bytes -> {}));
        }
        placements.put(
                "hugePages, prefault(" + threads + ")", anywhere.hugePages().prefault(threads, bytes -> {}));
        return placements;
    }

    private static PlacementCost best(long capacityBytes, MemoryPlacement placement) {
        PlacementCost best = PlacementCost.measure(POLICY, capacityBytes, placement);
        for (int round = 1; round < ROUNDS; round++) {
            PlacementCost next = PlacementCost.measure(POLICY, capacityBytes, placement);
            best = new PlacementCost(
                    Math.min(best.openMillis(), next.openMillis()),
                    Math.min(best.firstTouchNanos(), next.firstTouchNanos()),
                    Math.min(best.randomLoadNanos(), next.randomLoadNanos()));
        }
        return best;
    }
}
