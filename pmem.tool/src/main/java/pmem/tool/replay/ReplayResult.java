package pmem.tool.replay;

import com.google.gson.JsonObject;
import java.util.Locale;
import pmem.api.Size;
import pmem.tool.report.Json;

/**
 * What one trace on one policy gave.
 *
 * @param policy id of the policy
 * @param trace name of the trace
 * @param durability id of the domain the pool was opened with
 * @param operations operations of the trace
 * @param nanosPerOperation of the pool calls, median of the timed passes
 * @param peakLiveBytes largest sum of asked-for bytes
 * @param checked what the checked pass found
 */
record ReplayResult(
        String policy,
        String trace,
        String durability,
        int operations,
        double nanosPerOperation,
        long peakLiveBytes,
        CheckedReplay.Findings checked) {

    /** Peak of the used bytes for each asked-for byte at its peak, metadata included. */
    double usedPerLive() {
        return (double) checked.peakUsedBytes() / peakLiveBytes;
    }

    double linesPerOperation() {
        return (double) checked.lines() / operations;
    }

    double fencesPerOperation() {
        return (double) checked.fences() / operations;
    }

    /** Number of faults of all kinds; 0 if all held. */
    long faults() {
        return checked.leakedBlocks() + checked.lostBlocks() + checked.contentErrors();
    }

    static String[] header() {
        return new String[] {
            "policy",
            "trace",
            "operations",
            "ns/op",
            "peak live",
            "peak used",
            "used/live",
            "metadata",
            "lines/op",
            "fences/op",
            "leaked",
            "lost",
            "wrong content"
        };
    }

    String[] row() {
        return new String[] {
            policy,
            trace,
            Integer.toString(operations),
            String.format(Locale.ROOT, "%.1f", nanosPerOperation),
            Size.format(peakLiveBytes),
            Size.format(checked.peakUsedBytes()),
            String.format(Locale.ROOT, "%.3f", usedPerLive()),
            Size.format(checked.metadataBytes()),
            String.format(Locale.ROOT, "%.3f", linesPerOperation()),
            String.format(Locale.ROOT, "%.3f", fencesPerOperation()),
            Long.toString(checked.leakedBlocks()),
            Long.toString(checked.lostBlocks()),
            Long.toString(checked.contentErrors())
        };
    }

    JsonObject json() {
        JsonObject object = new JsonObject();
        object.addProperty("policy", policy);
        object.addProperty("trace", trace);
        object.addProperty("operations", operations);
        object.addProperty("nsPerOperation", Json.rounded(nanosPerOperation));
        object.addProperty("peakLiveBytes", peakLiveBytes);
        object.addProperty("peakUsedBytes", checked.peakUsedBytes());
        object.addProperty("usedPerLive", Json.rounded(usedPerLive()));
        object.addProperty("metadataBytes", checked.metadataBytes());
        object.addProperty("linesPerOperation", Json.rounded(linesPerOperation()));
        object.addProperty("fencesPerOperation", Json.rounded(fencesPerOperation()));
        object.addProperty("leakedBlocks", checked.leakedBlocks());
        object.addProperty("lostBlocks", checked.lostBlocks());
        object.addProperty("contentErrors", checked.contentErrors());
        object.addProperty("durability", durability);
        return object;
    }
}
