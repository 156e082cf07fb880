package pmem.tool.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.bench.campaign.Progress;
import pmem.tool.common.ToolException;
import pmem.tool.report.HeapMap;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceOperation;

/** Replays traces and follows the bytes a pool takes beside the bytes the program asked for. */
final class FragmentationProgram implements Program {
    private static final int SAMPLES = 120;
    private static final int PEAKS_PER_POOL = 4;
    private static final long CAPACITY_BYTES_MIN = Size.mib(64);
    private static final double MEBIBYTE = Size.mib(1);

    /** One policy on one trace. */
    private record Course(List<double[]> used, List<double[]> asked, double worst, double atEnd, List<Double> shares) {}

    @Override
    public String id() {
        return "fragmentation";
    }

    @Override
    public Figures run(ProgramSetting setting, Progress progress) {
        Section section = new Section("Fragmentation over time")
                .text(
                        "Traces of real programs, replayed. Used: bytes a pool has taken from its free space, metadata included."
                                + " Used/asked is taken where the program asked for the most.")
                .text(
                        "Heap pictures: the pool where the trace ends, darker where more of a stretch is in live blocks.");
        List<List<String>> csv = new ArrayList<>(List.of(List.of("trace", "policy", "percentOfTrace", "usedBytes")));
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("trace", "policy", "used/asked at the peak", "used/asked at the end"));
        long done = 0;
        long total = (long) setting.traces().size() * setting.policies().size();
        for (Trace trace : setting.traces()) {
            Map<String, List<double[]>> curves = new LinkedHashMap<>();
            List<String> pictures = new ArrayList<>();
            for (String policy : setting.policies()) {
                progress.step(done++, total, "fragmentation of " + policy + " on " + trace.name());
                Course course = replay(trace, policy);
                curves.putIfAbsent("asked for", course.asked);
                curves.put(policy, course.used);
                table.add(List.of(trace.name(), policy, ratio(course.worst), ratio(course.atEnd)));
                course.used.forEach(point -> csv.add(
                        List.of(trace.name(), policy, String.format(Locale.ROOT, "%.2f", point[0]), Long.toString((long)
                                (point[1] * MEBIBYTE)))));
                pictures.add(Charts.heap(policy + ", " + trace.name(), course.shares, HeapMap.COLUMNS));
            }
            section.chart(Charts.lines(trace.name(), "percent of the trace", "MiB used", curves, false));
            pictures.forEach(section::chart);
        }
        return new Figures(section.table(table), csv);
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static Course replay(Trace trace, String policy) {
        long capacityBytes = Math.max(CAPACITY_BYTES_MIN, PEAKS_PER_POOL * trace.peakLiveBytes());
        try (Pool pool = Pool.openVolatile(PoolOptions.create(capacityBytes).policy(policy))) {
            return new Follower(trace, pool).follow();
        } catch (OutOfSpaceException full) {
            throw new ToolException(
                    "pool is full before the end of the trace: trace=" + trace.name() + " policy=" + policy + "; "
                            + full.getMessage(),
                    full);
        }
    }

    private static final class Follower {
        private final Trace trace;
        private final Pool pool;
        private final long[] handles;
        private final long[] bytes;
        private long askedBytes;
        private long peakAskedBytes;
        private double usedAtPeak;

        Follower(Trace trace, Pool pool) {
            this.trace = trace;
            this.pool = pool;
            handles = new long[trace.objectCount()];
            bytes = new long[trace.objectCount()];
        }

        Course follow() {
            List<double[]> used = new ArrayList<>();
            List<double[]> asked = new ArrayList<>();
            int step = Math.max(1, trace.operationCount() / SAMPLES);
            for (int i = 0; i < trace.operationCount(); i++) {
                perform(i);
                if (askedBytes > peakAskedBytes) {
                    peakAskedBytes = askedBytes;
                    usedAtPeak = pool.usedBytes();
                }
                if (i % step == 0) {
                    double percent = 100.0 * i / trace.operationCount();
                    used.add(new double[] {percent, pool.usedBytes() / MEBIBYTE});
                    asked.add(new double[] {percent, askedBytes / MEBIBYTE});
                }
            }
            double atEnd = (double) pool.usedBytes() / Math.max(1, askedBytes);
            return new Course(used, asked, usedAtPeak / peakAskedBytes, atEnd, shares());
        }

        private void perform(int operation) {
            int object = trace.object(operation);
            long size = trace.bytes(operation);
            switch (trace.kind(operation)) {
                case TraceOperation.ALLOCATE -> handles[object] = pool.allocate(size);
                case TraceOperation.REALLOCATE -> {
                    long old = handles[object];
                    if (!pool.reallocate(old, size)) {
                        handles[object] = pool.allocate(size);
                        pool.free(old);
                    }
                }
                default -> pool.free(handles[object]);
            }
            askedBytes += size - bytes[object];
            bytes[object] = size;
        }

        // Of the part of the pool that holds blocks, so that an empty rest does not fill the picture.
        private List<Double> shares() {
            long[] end = {1};
            pool.forEachBlock((handle, usable) -> end[0] = Math.max(end[0], handle + usable));
            HeapMap map = new HeapMap(end[0]);
            pool.forEachBlock((handle, usable) -> map.add(handle, usable));
            long[] usedBytes = map.usedBytes();
            double cellBytes = Math.max(1, Math.ceilDiv(end[0], usedBytes.length));
            return Arrays.stream(usedBytes).mapToObj(used -> used / cellBytes).toList();
        }
    }
}
