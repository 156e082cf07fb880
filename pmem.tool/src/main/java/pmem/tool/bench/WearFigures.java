package pmem.tool.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How unequally the lines of a pool were written.
 *
 * @param operations allocates and frees
 * @param lines write-backs of all lines
 * @param fences fences
 * @param linesWritten lines written at least once
 * @param hottest write-backs of the most written line
 * @param gini Gini coefficient over the lines ever written: 0 if all were written equally often, near 1 if one line got all
 */
record WearFigures(long operations, long lines, long fences, long linesWritten, long hottest, double gini) {
    /** The figures of write-backs counted for each line. */
    static WearFigures of(long operations, int[] writes, long fences) {
        int[] sorted = Arrays.stream(writes).filter(count -> count > 0).sorted().toArray();
        long lines = Arrays.stream(sorted).asLongStream().sum();
        double weighted = 0;
        for (int i = 0; i < sorted.length; i++) {
            weighted += (2.0 * (i + 1) - sorted.length - 1) * sorted[i];
        }
        double gini = lines == 0 ? 0 : weighted / ((double) sorted.length * lines);
        long hottest = sorted.length == 0 ? 0 : sorted[sorted.length - 1];
        return new WearFigures(operations, lines, fences, sorted.length, hottest, gini);
    }

    /** Write-backs of the most written line over those of a line on average. */
    double hottestToMean() {
        return lines == 0 ? 0 : (double) hottest * linesWritten / lines;
    }

    static List<String> header() {
        return List.of(
                "workload",
                "policy",
                "lines an operation",
                "fences an operation",
                "lines ever written",
                "writes of the most written line",
                "most written / mean",
                "Gini coefficient");
    }

    List<String> row(String workload, String policy) {
        return List.of(
                workload,
                policy,
                decimal((double) lines / operations),
                decimal((double) fences / operations),
                Long.toString(linesWritten),
                Long.toString(hottest),
                String.format(Locale.ROOT, "%.1f", hottestToMean()),
                decimal(gini));
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
