package pmem.tool.demo;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import pmem.tool.report.Json;

/** Adds up what the kills of one policy showed. Not thread-safe. */
final class DemoTally {
    private final DemoSettings settings;
    private final List<String> details = new ArrayList<>();
    private int kills;
    private int killsBeforeReport;
    private long acknowledged;
    private int done;
    private int undone;
    private int lost;
    private int leaked;
    private int overlaps;
    private int contentErrors;
    private int verifyFindings;
    private int statisticsMismatches;
    private long contentBytes;
    private double recoveryMillisMax;
    private double openMillisMax;
    private Optional<ChildReport> last = Optional.empty();

    DemoTally(DemoSettings settings) {
        this.settings = settings;
    }

    void addKill(long acknowledgedSince) {
        kills++;
        acknowledged += acknowledgedSince;
    }

    /** Counts a kill, besides {@link #addKill}, that came before the child had opened and checked the pool. */
    void addKillBeforeReport() {
        killsBeforeReport++;
    }

    void addReport(ChildReport report) {
        CheckResult check = report.check();
        lost += check.lost();
        leaked += check.leaked();
        overlaps += check.overlaps();
        contentErrors += check.contentErrors();
        verifyFindings += check.verifyFindings();
        statisticsMismatches += check.statisticsMismatches();
        contentBytes += check.contentBytes();
        details.addAll(check.details());
        if (kills > 0) {
            done += count(check, Outcome.DONE);
            undone += count(check, Outcome.UNDONE);
            recoveryMillisMax = Math.max(recoveryMillisMax, report.recoveryMillis());
            openMillisMax = Math.max(openMillisMax, report.openMillis());
        }
        last = Optional.of(report);
    }

    private static int count(CheckResult check, Outcome outcome) {
        return (int) check.outcomes().stream().filter(found -> found == outcome).count();
    }

    DemoSettings settings() {
        return settings;
    }

    /** The report of the last child. */
    Optional<ChildReport> last() {
        return last;
    }

    int kills() {
        return kills;
    }

    /** Kills that came before the child had opened and checked the pool. */
    int killsBeforeReport() {
        return killsBeforeReport;
    }

    long acknowledged() {
        return acknowledged;
    }

    /** Operations that were in flight at a kill. */
    int undecided() {
        return done + undone;
    }

    int done() {
        return done;
    }

    int undone() {
        return undone;
    }

    double recoveryMillisMax() {
        return recoveryMillisMax;
    }

    /** Number of faults of all kinds; 0 if all held. */
    long faults() {
        return (long) lost + leaked + overlaps + contentErrors + verifyFindings + statisticsMismatches;
    }

    String faultText() {
        return "lost=" + lost + " leaked=" + leaked + " overlaps=" + overlaps + " contentErrors=" + contentErrors
                + " verifyFindings=" + verifyFindings + " statisticsMismatches=" + statisticsMismatches;
    }

    List<String> details() {
        return List.copyOf(details);
    }

    String[] row() {
        return new String[] {
            settings.policy(),
            Integer.toString(kills),
            Long.toString(acknowledged),
            Integer.toString(undecided()),
            Integer.toString(done),
            Integer.toString(lost),
            Integer.toString(leaked),
            Integer.toString(overlaps),
            Integer.toString(contentErrors),
            Integer.toString(verifyFindings + statisticsMismatches),
            String.format(java.util.Locale.ROOT, "%.2f", recoveryMillisMax),
        };
    }

    static String[] header() {
        return new String[] {
            "policy",
            "kills",
            "acknowledged",
            "in flight",
            "of them done",
            "lost",
            "leaked",
            "overlaps",
            "wrong content",
            "other findings",
            "recovery ms max"
        };
    }

    JsonObject json() {
        JsonObject object = new JsonObject();
        object.addProperty("policy", settings.policy());
        object.addProperty("kills", kills);
        object.addProperty("killsBeforeReport", killsBeforeReport);
        object.addProperty("acknowledged", acknowledged);
        object.addProperty("undecided", undecided());
        object.addProperty("undecidedDone", done);
        object.addProperty("undecidedUndone", undone);
        object.addProperty("lost", lost);
        object.addProperty("leaked", leaked);
        object.addProperty("overlaps", overlaps);
        object.addProperty("contentErrors", contentErrors);
        object.addProperty("verifyFindings", verifyFindings);
        object.addProperty("statisticsMismatches", statisticsMismatches);
        object.addProperty("contentBytesCompared", contentBytes);
        object.addProperty("recoveryMillisMax", Json.rounded(recoveryMillisMax));
        object.addProperty("openMillisMax", Json.rounded(openMillisMax));
        object.addProperty("capacityBytes", settings.capacityBytes());
        object.addProperty("threads", settings.threads());
        object.addProperty("durability", settings.durability().id());
        object.add("details", Json.array(details));
        return object;
    }
}
