package pmem.tool.replay;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.Size;
import pmem.tool.common.ExitCode;
import pmem.tool.common.PolicyChoice;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.common.ToolException;
import pmem.tool.common.WorkingDirectory;
import pmem.tool.report.Table;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceReader;

/** {@code pmem replay}: recorded allocations on a pool. */
@Command(
        name = "replay",
        description = {
            "Replay recorded allocations on a new pool, in recorded order on one thread, and report speed, space and persist cost.",
            "One pass checks: every block is filled, its content compared when it is resized, freed or left over; this pass gives"
                    + " the space, the lines and the fences. Three passes on further new pools are timed: pool calls only, no"
                    + " content, no counting; ns/op is their median, with one pair of clock reads around the whole trace.",
            "used/live is the peak of the pool's used bytes, metadata included, over the peak of the bytes asked for.",
            "Exit code 1 if a trace is malformed, a pool is refused or too small, or a check fails."
        })
public final class ReplayCommand extends ToolCommand {
    private static final int TIMED_PASSES = 3;
    private static final int PEAKS_PER_POOL = 2;
    private static final long CAPACITY_BYTES_MIN = Size.mib(16);
    private static final long CAPACITY_STEP_BYTES = Size.mib(2);

    @Parameters(paramLabel = "TRACE", arity = "1..*", description = "Trace files, .trace or .trace.gz.")
    private List<Path> traces = List.of();

    @Option(names = "--policy", paramLabel = "ID", description = "Placement policy, or all; default all.")
    private String policy = PolicyChoice.ALL;

    @Option(
            names = "--pool",
            paramLabel = "PATH",
            description =
                    "New file for the pool, kept afterwards; default a temporary one. Needs one policy and one trace; the"
                            + " timed passes use PATH.timed, deleted afterwards.")
    private Optional<Path> pool = Optional.empty();

    @Option(names = "--volatile", description = "Use anonymous memory instead of a file.")
    private boolean anonymous;

    @Option(
            names = "--durability",
            paramLabel = "ID",
            description = "Durability domain; default page-cache-process-kill-safe.")
    private Optional<DurabilityDomain> durability = Optional.empty();

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            description = "Size of each pool, for example 256m; default twice the trace's peak, at least 16 MiB.")
    private Optional<String> size = Optional.empty();

    /** For {@code pmem}. */
    public ReplayCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        List<String> policies = checkedPolicies();
        Optional<Long> capacityBytes = checkedSize();
        List<Trace> operations = traces.stream().map(TraceReader::read).toList();
        List<ReplayResult> results = new ArrayList<>();
        try (WorkingDirectory directory = WorkingDirectory.create()) {
            for (Trace trace : operations) {
                for (String id : policies) {
                    if (streams().errIsTerminal()) {
                        streams().err().println("replaying " + trace.name() + " on " + id);
                    }
                    results.add(run(trace, target(directory, id, capacityBytes.orElseGet(() -> defaultSize(trace)))));
                }
            }
        }
        show(results);
        for (ReplayResult result : results) {
            if (result.faults() > 0) {
                throw new ToolException(
                        "check failed: policy=" + result.policy() + " trace=" + result.trace() + " leakedBlocks="
                                + result.checked().leakedBlocks() + " lostBlocks="
                                + result.checked().lostBlocks() + " contentErrors="
                                + result.checked().contentErrors());
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
        if (pool.isPresent() && (anonymous || policies.size() > 1 || traces.size() > 1)) {
            throw wrongUsage(
                    "--pool holds one pool: expected one --policy, one trace and no --volatile, found policies="
                            + policies.size() + " traces=" + traces.size() + " volatile=" + anonymous);
        }
        if (anonymous && durability.isPresent() && durability.get() != DurabilityDomain.VOLATILE) {
            throw wrongUsage("--volatile is no file: expected no --durability, found="
                    + durability.get().id());
        }
        return policies;
    }

    private Optional<Long> checkedSize() {
        try {
            Optional<Long> bytes = size.map(Size::parse);
            if (bytes.isPresent() && bytes.get() == 0) {
                throw wrongUsage("--size is out of range: expected at least 1, found=0");
            }
            return bytes;
        } catch (IllegalArgumentException unreadable) {
            throw wrongUsage(unreadable);
        }
    }

    private static long defaultSize(Trace trace) {
        long wanted = Math.max(CAPACITY_BYTES_MIN, Math.multiplyExact(PEAKS_PER_POOL, trace.peakLiveBytes()));
        return Math.ceilDiv(wanted, CAPACITY_STEP_BYTES) * CAPACITY_STEP_BYTES;
    }

    private ReplayTarget target(WorkingDirectory directory, String id, long capacityBytes) {
        Path checkedPool = pool.orElseGet(() -> directory.file("replay.pool"));
        DurabilityDomain domain = anonymous
                ? DurabilityDomain.VOLATILE
                : durability.orElse(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
        Path timedPool = Path.of(checkedPool + ".timed");
        return new ReplayTarget(id, capacityBytes, domain, checkedPool, timedPool, pool.isPresent());
    }

    private static ReplayResult run(Trace trace, ReplayTarget target) {
        CheckedReplay.Findings findings;
        String durability;
        try (Pool checked = target.createChecked()) {
            durability = checked.durability().domain().id();
            findings = CheckedReplay.run(trace, checked);
        }
        target.deleteChecked();
        double[] nanos = new double[TIMED_PASSES];
        for (int pass = 0; pass < TIMED_PASSES; pass++) {
            try (Pool timed = target.createTimed()) {
                nanos[pass] = TimedReplay.nanosPerOperation(trace, timed);
            }
            target.deleteTimed();
        }
        Arrays.sort(nanos);
        return new ReplayResult(
                target.policy(),
                trace.name(),
                durability,
                trace.operationCount(),
                nanos[TIMED_PASSES / 2],
                trace.peakLiveBytes(),
                findings);
    }

    private void show(List<ReplayResult> results) {
        if (json()) {
            JsonArray array = new JsonArray();
            results.forEach(result -> array.add(result.json()));
            JsonObject object = new JsonObject();
            object.add("results", array);
            printJson(object);
            return;
        }
        Table table = new Table(2, ReplayResult.header());
        results.forEach(result -> table.row(result.row()));
        table.lines().forEach(streams().out()::println);
        streams().out().println("durability: " + results.getFirst().durability());
    }
}
