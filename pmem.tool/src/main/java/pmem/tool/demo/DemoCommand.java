package pmem.tool.demo;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.tool.common.ExitCode;
import pmem.tool.common.PolicyChoice;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.common.ToolException;
import pmem.tool.common.WorkingDirectory;
import pmem.tool.report.Table;
import pmem.tool.trace.Trace;

/** {@code pmem demo}: kills and checks. */
@Command(
        name = "demo",
        description = {
            "Kill a process that replays a real program's allocations, again and again, and check after each kill that nothing"
                    + " acknowledged is lost and nothing leaked.",
            "A child process replays the trace on a pool with several threads, fills every block with bytes that tell whose it"
                    + " is, and acknowledges each finished operation through a pipe. It is killed 20 to 400 ms after it began; the"
                    + " next child opens the pool, checks all of it, and replays on. One child in four is killed within 60 ms"
                    + " after it began to open the pool.",
            "In the JSON, killsBeforeReport counts the kills that came before a child had opened and checked the pool;"
                    + " recoveryMillisMax is the longest time the pool spent on its log and its rebuild, openMillisMax the"
                    + " longest whole open, class loading included.",
            "Exit code 1 if a check fails."
        })
public final class DemoCommand extends ToolCommand {
    private static final int THREADS_MIN = 2;
    private static final int THREADS_MAX = 16;
    private static final int KILLS_MAX = 1_000_000;
    private static final long CAPACITY_BYTES_MIN = Size.mib(64);
    private static final long CAPACITY_STEP_BYTES = Size.mib(2);

    @Option(names = "--policy", paramLabel = "ID", description = "Placement policy, or all; default all.")
    private String policy = PolicyChoice.ALL;

    @Option(names = "--kills", paramLabel = "N", description = "How often to kill, for each policy; default 20.")
    private int kills = 20;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Trace to replay, .trace or .trace.gz; default a bundled one of a JVM running javac.")
    private Optional<Path> trace = Optional.empty();

    @Option(
            names = "--pool",
            paramLabel = "PATH",
            description = "New file for the pool, kept afterwards; default a temporary one. Needs one policy.")
    private Optional<Path> pool = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Seed of kill times and contents; default a new one, which is printed.")
    private Optional<Integer> seed = Optional.empty();

    @Option(names = "--threads", paramLabel = "T", description = "Threads of the child, 2 to 16; default 2.")
    private int threads = THREADS_MIN;

    @Option(
            names = "--durability",
            paramLabel = "ID",
            description = "Durability domain; default page-cache-process-kill-safe, all that a process kill needs.")
    private DurabilityDomain durability = DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE;

    @Option(
            names = "--caches",
            description =
                    "Show instead what accesses of threads keep of a segregated pool, and how the maintainer gives it"
                            + " back tick by tick when they rest.")
    private boolean caches;

    @Option(names = "--tick", paramLabel = "MS", description = "With --caches: milliseconds of a tick; default 500.")
    private int tickMillis = 500;

    /** For {@code pmem}. */
    public DemoCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        if (caches) {
            return showCaches();
        }
        List<String> policies = checkedPolicies();
        int usedSeed = seed.orElseGet(() -> ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
        List<DemoTally> tallies = new ArrayList<>();
        Trace operations = settings(Path.of(""), "", 0, usedSeed).readTrace();
        ReplayPlan plan = ReplayPlan.fold(operations, threads);
        for (String id : policies) {
            tallies.add(run(id, operations, plan, usedSeed));
        }
        return conclude(operations, usedSeed, tallies);
    }

    private int showCaches() {
        if (tickMillis < 1) {
            throw wrongUsage("--tick is out of range: expected at least 1, found=" + tickMillis);
        }
        CachesDemo demo = new CachesDemo(streams(), !json(), tickMillis);
        try (WorkingDirectory directory = WorkingDirectory.create()) {
            demo.run(pool.orElseGet(() -> directory.file("caches.pool")).toAbsolutePath());
        }
        if (json()) {
            printJson(demo.json());
        }
        return ExitCode.OK;
    }

    /**
     * Shows what the kills gave.
     *
     * @throws ToolException if a check failed
     */
    int conclude(Trace operations, int usedSeed, List<DemoTally> tallies) {
        if (json()) {
            printJson(object(operations, usedSeed, tallies));
        } else {
            print(tallies, usedSeed);
        }
        for (DemoTally tally : tallies) {
            if (tally.faults() > 0) {
                throw new ToolException(
                        "check failed: policy=" + tally.settings().policy() + " " + tally.faultText()
                                + ", first is: " + tally.details().getFirst() + "; repeat with: "
                                + repeat(tally.settings().policy(), usedSeed));
            }
        }
        return ExitCode.OK;
    }

    private List<String> checkedPolicies() {
        List<String> policies;
        try {
            policies = PolicyChoice.idsOf(policy);
        } catch (IllegalArgumentException unknown) {
            throw wrongUsage(unknown);
        }
        if (kills < 1 || kills > KILLS_MAX) {
            throw wrongUsage("--kills is out of range: expected 1 to " + KILLS_MAX + ", found=" + kills);
        }
        if (threads < THREADS_MIN || threads > THREADS_MAX) {
            throw wrongUsage(
                    "--threads is out of range: expected " + THREADS_MIN + " to " + THREADS_MAX + ", found=" + threads);
        }
        if (!durability.survivesProcessKill()) {
            throw wrongUsage("--durability " + durability.id() + " survives no kill: expected another domain");
        }
        if (pool.isPresent() && policies.size() > 1) {
            throw wrongUsage("--pool holds one pool: expected --policy with one of " + policies + ", found=" + policy);
        }
        return policies;
    }

    private DemoSettings settings(Path path, String id, long capacityBytes, int usedSeed) {
        return new DemoSettings(path, id, capacityBytes, durability, usedSeed, threads, trace);
    }

    private DemoTally run(String id, Trace operations, ReplayPlan plan, int usedSeed) {
        try (WorkingDirectory directory = WorkingDirectory.create()) {
            Path path = pool.orElseGet(() -> directory.file("demo.pool")).toAbsolutePath();
            DemoSettings settings = settings(path, id, capacityBytes(plan), usedSeed);
            DemoTally tally;
            try (DemoProgress progress = new DemoProgress(streams(), !json(), id, kills)) {
                progress.line(String.format(
                        "%s: %d kills, trace %s (%d operations by %d threads, here on %d), pool %s of %s",
                        id,
                        kills,
                        operations.name(),
                        operations.operationCount(),
                        operations.threadCount(),
                        threads,
                        path,
                        Size.format(settings.capacityBytes())));
                tally = new DemoRun(settings, plan, kills, directory.file("child.err"), progress).run();
            }
            if (!json()) {
                tally.last().ifPresent(this::printPicture);
            }
            return tally;
        }
    }

    /** One and a half times what the blocks can take, and room for metadata and half-used slabs. */
    private static long capacityBytes(ReplayPlan plan) {
        long wanted = plan.demandBytes() + plan.demandBytes() / 2 + CAPACITY_BYTES_MIN / 2;
        return Math.ceilDiv(Math.max(wanted, CAPACITY_BYTES_MIN), CAPACITY_STEP_BYTES) * CAPACITY_STEP_BYTES;
    }

    private void printPicture(ChildReport report) {
        PrintStream out = streams().out();
        out.println();
        out.println("the pool at the end: " + report.check().blocks() + " live blocks, "
                + Size.format(report.usedBytes()) + " of " + Size.format(report.capacityBytes()) + " taken");
        report.map().lines(streams().unicode()).forEach(out::println);
        out.println();
    }

    private void print(List<DemoTally> tallies, int usedSeed) {
        PrintStream out = streams().out();
        Table table = new Table(1, DemoTally.header());
        tallies.forEach(tally -> table.row(tally.row()));
        table.lines().forEach(out::println);
        out.println();
        boolean allHeld = tallies.stream().allMatch(tally -> tally.faults() == 0);
        (allHeld ? DemoText.meaning(durability) : DemoText.faulty()).forEach(out::println);
        out.println();
        out.println("repeat with: " + repeat(policy, usedSeed)
                + " (the same kill times and contents; the machine decides what they hit)");
    }

    private String repeat(String id, int usedSeed) {
        return "./pmem demo --policy " + id + " --kills " + kills + " --seed " + usedSeed + " --threads " + threads
                + trace.map(path -> " --trace " + path).orElse("")
                + (durability == DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE
                        ? ""
                        : " --durability " + durability.id());
    }

    private static JsonObject object(Trace operations, int usedSeed, List<DemoTally> tallies) {
        JsonArray results = new JsonArray();
        tallies.forEach(tally -> results.add(tally.json()));
        JsonObject object = new JsonObject();
        object.addProperty("seed", usedSeed);
        object.addProperty("trace", operations.name());
        object.add("results", results);
        return object;
    }
}
