package pmem.tool.advise;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import pmem.api.DurabilityDomain;
import pmem.api.PmemException;
import pmem.spi.Providers;
import pmem.tool.advise.Advice.Preference;
import pmem.tool.bench.BenchProgress;
import pmem.tool.common.ExitCode;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.common.ToolException;
import pmem.tool.common.WorkingDirectory;
import pmem.tool.report.Json;
import pmem.tool.report.Table;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceReader;

/** {@code pmem advise}: which policy for my program. */
@Command(
        name = "advise",
        description = {
            "Replay recorded allocations on every policy, as it comes and with each parameter a step smaller and larger, and"
                    + " recommend one.",
            "ns/op is the best of five timed passes in this process; used/asked is the peak of the pool's used bytes,"
                    + " metadata included, by the peak of the bytes asked for. Over several traces they are geometric means.",
            "What is counted decides first, memory in steps of 5 %%; times only in wide bands, for they wander.",
            "Exit code 1 if a trace is malformed or no policy can do all traces."
        })
public final class AdviseCommand extends ToolCommand {
    @Parameters(paramLabel = "TRACE", arity = "1..*", description = "Trace files, .trace or .trace.gz.")
    private List<Path> traces = List.of();

    @Option(
            names = "--prefer",
            paramLabel = "WHAT",
            description = "What matters: balanced, speed or space; default balanced.")
    private Preference preference = Preference.BALANCED;

    @Option(
            names = "--durability",
            paramLabel = "ID",
            description =
                    "Durability domain of the pools; default forced-cache-line, which writes cache lines back as on"
                            + " persistent memory. volatile takes anonymous memory.")
    private DurabilityDomain durability = DurabilityDomain.FORCED_CACHE_LINE;

    /** For {@code pmem}. */
    public AdviseCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        List<Trace> operations = traces.stream().map(TraceReader::read).toList();
        List<Candidate> candidates = Providers.policies().stream()
                .flatMap(policy -> Candidate.of(policy).stream())
                .toList();
        List<String> refusals = new ArrayList<>();
        Advice advice = Advice.of(trials(operations, candidates, refusals));
        if (advice.isEmpty()) {
            throw new ToolException("no policy can do all traces: " + String.join("; ", refusals));
        }
        if (json()) {
            printJson(object(advice, refusals));
        } else {
            show(advice, refusals);
        }
        return ExitCode.OK;
    }

    private List<Trial> trials(List<Trace> operations, List<Candidate> candidates, List<String> refusals) {
        List<Trial> trials = new ArrayList<>();
        long done = 0;
        long total = (long) operations.size() * candidates.size();
        try (WorkingDirectory directory = WorkingDirectory.create();
                BenchProgress progress = new BenchProgress(streams(), "advise")) {
            warmUp(candidates, operations.getFirst(), directory);
            for (Trace trace : operations) {
                for (Candidate candidate : candidates) {
                    progress.step(done++, total, candidate.title() + " on " + trace.name());
                    try {
                        trials.add(Trial.run(candidate, trace, durability, directory.file("advise.pool")));
                    } catch (PmemException | ToolException | IllegalArgumentException refusal) {
                        refusals.add(candidate.title() + " on " + trace.name() + ": " + refusal.getMessage());
                    }
                }
            }
        }
        return trials;
    }

    // Else the first candidates would pay for the compiler.
    private void warmUp(List<Candidate> candidates, Trace trace, WorkingDirectory directory) {
        for (Candidate candidate : candidates) {
            if (candidate.parameter().isEmpty()) {
                try {
                    Trial.run(candidate, trace, durability, directory.file("advise.pool"));
                } catch (PmemException | ToolException | IllegalArgumentException refusal) {
                    // The trial that counts reports it.
                }
            }
        }
    }

    private void show(Advice advice, List<String> refusals) {
        Table table = new Table(1, "policy", "ns/op", "used/asked", "lines/op", "fences/op");
        for (Trial trial : advice.ranked(preference)) {
            table.row(
                    trial.candidate().title(),
                    text("%.1f", trial.nanosPerOperation()),
                    text("%.3f", trial.usedPerAsked()),
                    text("%.3f", trial.linesPerOperation()),
                    text("%.3f", trial.fencesPerOperation()));
        }
        table.lines().forEach(streams().out()::println);
        refusals.forEach(refusal -> streams().out().println("not able: " + refusal));
        streams().out().println();
        streams()
                .out()
                .println("recommended: " + sentence(advice.ranked(preference).getFirst()));
        for (Preference other : Preference.values()) {
            if (other != preference) {
                streams()
                        .out()
                        .println("if " + other.name().toLowerCase(Locale.ROOT) + " matters: "
                                + sentence(advice.ranked(other).getFirst()));
            }
        }
        streams().out().println("durability: " + durability.id());
    }

    private static String sentence(Trial trial) {
        return trial.candidate().title() + " (" + text("%.1f", trial.nanosPerOperation()) + " ns/op, "
                + text("%.1f", 100 * (trial.usedPerAsked() - 1)) + " % more memory than asked for)";
    }

    private static String text(String format, double figure) {
        return String.format(Locale.ROOT, format, figure);
    }

    private JsonObject object(Advice advice, List<String> refusals) {
        JsonArray array = new JsonArray();
        for (Trial trial : advice.ranked(preference)) {
            JsonObject one = new JsonObject();
            one.addProperty("policy", trial.candidate().policy());
            trial.candidate().parameter().ifPresent(name -> {
                JsonObject parameters = new JsonObject();
                parameters.addProperty(name, trial.candidate().value().orElseThrow());
                one.add("parameters", parameters);
            });
            one.addProperty("nsPerOperation", Json.rounded(trial.nanosPerOperation()));
            one.addProperty("usedPerAsked", Json.rounded(trial.usedPerAsked()));
            one.addProperty("linesPerOperation", Json.rounded(trial.linesPerOperation()));
            one.addProperty("fencesPerOperation", Json.rounded(trial.fencesPerOperation()));
            array.add(one);
        }
        JsonObject object = new JsonObject();
        object.addProperty("durability", durability.id());
        object.addProperty("prefer", preference.name().toLowerCase(Locale.ROOT));
        object.addProperty(
                "recommended", advice.ranked(preference).getFirst().candidate().title());
        object.add("candidates", array);
        object.add("notAble", Json.array(refusals));
        return object;
    }
}
