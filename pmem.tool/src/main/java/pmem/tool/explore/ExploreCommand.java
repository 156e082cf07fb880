package pmem.tool.explore;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import pmem.testkit.crash.CrashExplorer;
import pmem.testkit.crash.ExplorerReport;
import pmem.testkit.crash.MutationCampaign;
import pmem.testkit.crash.MutationReport;
import pmem.testkit.crash.Violation;
import pmem.tool.common.ExitCode;
import pmem.tool.common.PolicyChoice;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.common.ToolException;
import pmem.tool.report.Json;
import pmem.tool.report.Table;

/** {@code pmem explore}: cuts the power at every moment of every short sequence of operations, in a simulated region. */
@Command(
        name = "explore",
        description = {
            "Cut the power at every moment of every short sequence of operations on tiny simulated pools, recover every",
            "image that can be left on media, and check that what was acknowledged is there and nothing else.",
            "",
            "Crashes inside recovery and inside creation, and pairs of operations on two threads, are included."
        })
public final class ExploreCommand extends ToolCommand {
    private static final int LENGTH_MAX = 20;
    private static final int THREADS_MAX = 2;
    private static final int DEPTH_MAX = 4;
    private static final long IMAGES_DEFAULT = 3_500_000;

    @Option(
            names = "--covering",
            description =
                    "Fail too if some persist point was never the last one before a crash, with its line on media and"
                            + " without.")
    private boolean covering;

    @Option(names = "--policy", paramLabel = "ID", description = "Policy to explore, or all; default all.")
    private String policy = PolicyChoice.ALL;

    @Option(names = "--length", paramLabel = "N", description = "Longest sequences, in operations, 0 to 20; default 3.")
    private int length = 3;

    @Option(
            names = "--images",
            paramLabel = "MAX",
            description = "Stop a policy after this many distinct images; default 3500000.")
    private long imagesMax = IMAGES_DEFAULT;

    @Option(
            names = "--epoch",
            paramLabel = "MAX",
            description = "Take a sample of an epoch with more images than this; default 1000.")
    private long imagesPerEpochMax = 1000;

    @Option(
            names = "--threads",
            paramLabel = "T",
            description = "2: pairs of operations on two threads as well; 1: not; default 2.")
    private int threads = THREADS_MAX;

    @Option(
            names = "--preemptions",
            paramLabel = "P",
            description = "Times a running thread is stopped for the other in one schedule; default 1.")
    private int preemptions = 1;

    @Option(
            names = "--depth",
            paramLabel = "D",
            description = "Crashes inside recoveries that follow one another, 0 to 4; default 1.")
    private int depth = 1;

    @Option(names = "--torn", description = "Let the words of a line reach media in any order, as some machines do.")
    private boolean torn;

    @Option(
            names = "--mutate",
            description =
                    "Leave out and misplace each write-back and fence in turn instead; show which crash notices it.")
    private boolean mutate;

    @Option(
            names = "--omissions",
            description = "With --mutate: leave write-backs and fences out only, and misplace none; half of the time.")
    private boolean omissions;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Save images that are not survived, and their stories, in this directory.")
    private Optional<Path> saveDirectory = Optional.empty();

    /** For {@code pmem}. */
    public ExploreCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        List<String> policies = checkedPolicies();
        return mutate ? mutateAll(policies) : exploreAll(policies);
    }

    private List<String> checkedPolicies() {
        requireRange("--length", length, 0, LENGTH_MAX);
        requireRange("--threads", threads, 1, THREADS_MAX);
        requireRange("--depth", depth, 0, DEPTH_MAX);
        requireRange("--preemptions", preemptions, 0, Integer.MAX_VALUE);
        requireRange("--images", imagesMax, 1, Long.MAX_VALUE);
        requireRange("--epoch", imagesPerEpochMax, 1, Long.MAX_VALUE);
        try {
            return PolicyChoice.idsOf(policy);
        } catch (IllegalArgumentException unknown) {
            throw wrongUsage(unknown);
        }
    }

    private void requireRange(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw wrongUsage(option + " is out of range: expected " + min + " to " + max + ", found=" + value);
        }
    }

    private CrashExplorer explorer(String id) {
        CrashExplorer explorer = CrashExplorer.of(id)
                .length(length)
                .threads(threads)
                .preemptions(preemptions)
                .nestedDepth(depth)
                .torn(torn)
                .imagesPerEpochMax(imagesPerEpochMax)
                .imagesMax(imagesMax);
        return saveDirectory.map(explorer::saveFailuresIn).orElse(explorer);
    }

    private int exploreAll(List<String> policies) {
        List<ExplorerReport> reports = new ArrayList<>();
        for (String id : policies) {
            try (ExploreProgress progress = new ExploreProgress(streams(), id)) {
                reports.add(explorer(id).run(progress::show));
            }
            if (!json()) {
                streams().out().println(reports.getLast());
                streams().out().println();
            }
        }
        if (json()) {
            printJson(object(reports));
        } else {
            printTable(reports);
        }
        for (ExplorerReport report : reports) {
            if (!report.violations().isEmpty()) {
                Violation first = report.violations().getFirst();
                throw new ToolException("check failed: policy=" + report.policy() + " violations="
                        + report.violationCount() + ", first is: sequence=" + first.sequence() + " "
                        + first.problem().lines().findFirst().orElse(""));
            }
            if (covering && !report.pointsMissed().isEmpty()) {
                throw new ToolException("check failed: policy=" + report.policy()
                        + " persist points that were never the last one before a crash: " + report.pointsMissed()
                        + "; explore longer sequences or more images");
            }
        }
        return ExitCode.OK;
    }

    private int mutateAll(List<String> policies) {
        PrintStream out = streams().out();
        JsonArray results = new JsonArray();
        List<MutationReport> reports = new ArrayList<>();
        int survivors = 0;
        for (String id : policies) {
            MutationReport report = MutationCampaign.run(
                    explorer(id),
                    mutation -> !omissions || mutation.leavesOut(),
                    row -> streams()
                            .err()
                            .println(id + ": " + row.mutation() + ": "
                                    + (row.caughtBy().isEmpty() ? "not caught" : "caught")));
            survivors += report.survivors().size();
            results.add(object(report));
            reports.add(report);
        }
        if (json()) {
            JsonObject object = new JsonObject();
            object.add("results", results);
            printJson(object);
        } else {
            out.println(MutationReport.toMarkdown(reports));
        }
        if (survivors > 0) {
            throw new ToolException("check failed: write-backs and fences whose absence no crash notices: " + survivors
                    + "; explore longer sequences, or remove what is superfluous");
        }
        return ExitCode.OK;
    }

    private static JsonObject object(MutationReport report) {
        JsonObject object = new JsonObject();
        object.addProperty("policy", report.policy());
        object.addProperty("mutations", report.rows().size());
        object.addProperty(
                "caught",
                report.rows().size()
                        - report.survivors().size()
                        - report.harmless().size());
        object.add(
                "notCaught",
                Json.array(report.survivors().stream().map(Object::toString).toList()));
        object.add(
                "orderNotNeeded",
                Json.array(report.harmless().stream().map(Object::toString).toList()));
        return object;
    }

    private static JsonObject object(List<ExplorerReport> reports) {
        JsonArray results = new JsonArray();
        for (ExplorerReport report : reports) {
            JsonObject one = new JsonObject();
            one.addProperty("policy", report.policy());
            one.addProperty("sequences", report.sequences());
            one.addProperty("images", report.images());
            one.addProperty("distinctImages", report.distinctImages());
            one.addProperty("violations", report.violationCount());
            one.addProperty("pointsCovered", report.pointsCovered().size());
            one.addProperty("points", report.points().size());
            one.addProperty("twoThreadedImages", report.twoThreadedImages());
            one.addProperty("nestedImages", report.nestedImages());
            one.addProperty("lengthReached", report.lengthReached());
            one.addProperty("sampledEpochs", report.cappedEpochs());
            one.addProperty("seconds", Json.rounded(report.seconds()));
            one.add("pointsMissed", Json.array(report.pointsMissed()));
            results.add(one);
        }
        JsonObject object = new JsonObject();
        object.add("results", results);
        return object;
    }

    private void printTable(List<ExplorerReport> reports) {
        Table table = new Table(
                1,
                "policy",
                "sequences",
                "images",
                "distinct",
                "two threads",
                "in recovery",
                "violations",
                "points",
                "seconds");
        long distinct = 0;
        long twoThreaded = 0;
        for (ExplorerReport report : reports) {
            distinct += report.distinctImages();
            twoThreaded += report.twoThreadedImages();
            table.row(
                    report.policy(),
                    grouped(report.sequences()),
                    grouped(report.images()),
                    grouped(report.distinctImages()),
                    grouped(report.twoThreadedImages()),
                    grouped(report.nestedImages()),
                    grouped(report.violationCount()),
                    report.pointsCovered().size() + "/" + report.points().size(),
                    String.format(Locale.ROOT, "%.1f", report.seconds()));
        }
        PrintStream out = streams().out();
        table.lines().forEach(out::println);
        out.println(
                "distinct crash images: " + grouped(distinct) + ", of them with two threads: " + grouped(twoThreaded));
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
