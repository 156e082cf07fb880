package pmem.tool.bench;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import pmem.api.Size;
import pmem.bench.campaign.Campaign;
import pmem.bench.campaign.Outcome;
import pmem.bench.campaign.Plan;
import pmem.bench.measure.WorkloadSpec;
import pmem.tool.common.ExitCode;
import pmem.tool.common.PolicyChoice;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.common.ToolException;
import pmem.tool.report.Json;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceReader;

/** {@code pmem bench}: pools beside their rivals. */
@Command(
        name = "bench",
        description = {
            "Measure pools of every policy on durable (cache lines written back) and volatile memory, beside the bare floor and,"
                    + " with --rivals, beside what else there is on this machine.",
            "Each allocator runs in a process of its own; the rounds of all are interleaved. What is not installed is left out"
                    + " and reported with the reason.",
            "Writes results.json, results.csv, report.md, report.html and a CSV file for each program (latency, frames, recovery,"
                    + " fragmentation, overhead, wear) to a directory. Figures compare within one run only."
        })
public final class BenchCommand extends ToolCommand {
    private static final long CAPACITY_BYTES_MIN = Size.mib(16);
    private static final long CAPACITY_BYTES_MAX = Size.gib(1024);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before the command runs
    private CommandSpec spec;

    @ArgGroup(exclusive = true)
    private ScopeChoice scope = new ScopeChoice();

    @Option(names = "--policy", paramLabel = "ID", description = "Placement policy, or all; default all.")
    private String policy = PolicyChoice.ALL;

    @Option(names = "--rivals", description = "Measure rivals too.")
    private boolean rivals;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            description = "Run this workload or program only; may be given again. Names: ${COMPLETION-CANDIDATES}.",
            completionCandidates = BenchNames.class)
    private List<String> only = List.of();

    @Option(
            names = "--trace",
            paramLabel = "TRACE",
            description =
                    "Trace file for the program fragmentation; may be given again. Default: the one in this tool.")
    private List<Path> traces = List.of();

    @Option(
            names = {"-t", "--threads"},
            split = ",",
            paramLabel = "N",
            description =
                    "Run every workload, and the program frames, on so many threads; several are separated by commas."
                            + " Default: as the scope has them.")
    private List<Integer> threads = List.of();

    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            description =
                    "Size of each pool of the workloads and of the program frames, as in 1G; default 512M, with --full 640M.")
    private String memory = "";

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Directory for the results, made if need be; default pmem-bench.")
    private Path out = Path.of("pmem-bench");

    /** For {@code pmem}. */
    public BenchCommand(Streams streams) {
        super(streams);
    }

    /** Quick or full. */
    static final class ScopeChoice {
        @Option(names = "--quick", description = "A few minutes; the default.")
        @SuppressWarnings("unused") // the default
        private boolean quick;

        @Option(names = "--full", description = "An hour or more: more sizes, threads, rounds and processes.")
        private boolean full;
    }

    @Override
    public Integer call() {
        List<String> policies = checkedPolicies();
        BenchScope chosen = scope.full ? BenchScope.FULL : BenchScope.QUICK;
        List<WorkloadSpec> workloads = checkedWorkloads(chosen);
        long capacityBytes = checkedCapacity(chosen);
        // Found out before the long run, not after it.
        makeDirectory();
        RunFacts facts = RunFacts.now(commandLine());
        Plan plan = chosen.plan(policies, rivals, workloads, capacityBytes);
        List<Trace> recorded = traces.isEmpty()
                ? List.of(TraceReader.readBundled())
                : traces.stream().map(TraceReader::read).toList();
        Outcome outcome = new Outcome(List.of(), List.of());
        if (!workloads.isEmpty()) {
            try (BenchProgress progress = new BenchProgress(streams(), "workloads")) {
                outcome = Campaign.run(plan, progress);
            }
        }
        List<Section> sections = new ArrayList<>(WorkloadSections.of(outcome));
        runPrograms(
                new ProgramSetting(
                        policies, recorded, threads.isEmpty() ? chosen.threads() : threads, scope.full, plan),
                sections);
        write(facts, outcome, sections);
        show(facts, outcome);
        return ExitCode.OK;
    }

    private List<String> checkedPolicies() {
        try {
            return PolicyChoice.idsOf(policy);
        } catch (IllegalArgumentException unknown) {
            throw wrongUsage(unknown);
        }
    }

    private List<WorkloadSpec> checkedWorkloads(BenchScope chosen) {
        try {
            BenchNames.check(only);
        } catch (IllegalArgumentException unknown) {
            throw wrongUsage(unknown);
        }
        if (threads.stream().anyMatch(count -> count < 1 || count > BenchScope.THREADS_MAX)) {
            throw wrongUsage(new IllegalArgumentException(
                    "--threads is out of range: expected 1 to " + BenchScope.THREADS_MAX + ", found=" + threads));
        }
        return chosen.workloads(only, threads);
    }

    private long checkedCapacity(BenchScope chosen) {
        if (memory.isEmpty()) {
            return chosen.capacityBytes();
        }
        try {
            long bytes = Size.parse(memory);
            if (bytes < CAPACITY_BYTES_MIN || bytes > CAPACITY_BYTES_MAX) {
                throw new IllegalArgumentException(
                        "--memory is out of range: expected " + Size.format(CAPACITY_BYTES_MIN) + " to "
                                + Size.format(CAPACITY_BYTES_MAX) + ", found=" + memory);
            }
            return bytes;
        } catch (IllegalArgumentException wrong) {
            throw wrongUsage(wrong);
        }
    }

    private String commandLine() {
        return "pmem " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }

    private void makeDirectory() {
        try {
            Files.createDirectories(out);
        } catch (IOException failure) {
            throw new ToolException("directory can't be made: out=" + out + ", found=" + failure, failure);
        }
    }

    private void runPrograms(ProgramSetting setting, List<Section> sections) {
        for (Program program : BenchNames.programs()) {
            if (only.isEmpty() || only.contains(program.id())) {
                try (BenchProgress progress = new BenchProgress(streams(), program.id())) {
                    Program.Figures figures = program.run(setting, progress);
                    sections.add(figures.section());
                    write(program.id() + ".csv", csv(figures.csv()));
                }
            }
        }
    }

    private static String csv(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> text.append(String.join(",", row)).append('\n'));
        return text.toString();
    }

    private void write(RunFacts facts, Outcome outcome, List<Section> sections) {
        JsonObject json = ResultFiles.json(facts, outcome);
        write("results.json", Json.text(json) + "\n");
        write("results.csv", String.join("\n", ResultFiles.csv(outcome)) + "\n");
        write("report.md", MarkdownReport.text(facts, sections));
        write("report.html", HtmlReport.text(facts, sections));
    }

    private void write(String name, String text) {
        try {
            Files.writeString(out.resolve(name), text);
        } catch (IOException failure) {
            throw new ToolException("file can't be written: file=" + out.resolve(name) + ", found=" + failure, failure);
        }
    }

    private void show(Outcome outcome) {
        ResultTable table = new ResultTable(outcome);
        Markdown.table(WorkloadSections.floorCells(outcome)).forEach(streams().out()::println);
        for (boolean durable : new boolean[] {true, false}) {
            streams().out().println();
            streams().out().println((durable ? "durable" : "volatile") + ", ns an operation:");
            Markdown.table(table.cells(durable)).forEach(streams().out()::println);
        }
    }

    private void show(RunFacts facts, Outcome outcome) {
        if (json()) {
            printJson(ResultFiles.json(facts, outcome));
            return;
        }
        if (!outcome.results().isEmpty()) {
            show(outcome);
        }
        outcome.notRun()
                .forEach(row -> streams()
                        .out()
                        .println("not run: " + row.subject().title() + ", " + row.workload() + ": " + row.reason()));
        streams().out().println("report: " + out.resolve("report.html").toAbsolutePath());
    }
}
