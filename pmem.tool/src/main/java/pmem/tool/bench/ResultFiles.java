package pmem.tool.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import pmem.bench.campaign.Outcome;
import pmem.bench.campaign.Result;
import pmem.tool.report.Json;

/** The results for programs. A figure that is not known is {@code null} in JSON and empty in CSV. */
final class ResultFiles {
    private ResultFiles() {}

    static JsonObject json(RunFacts facts, Outcome outcome) {
        JsonArray results = new JsonArray();
        outcome.results().forEach(result -> results.add(json(result)));
        JsonObject object = new JsonObject();
        object.addProperty("machine", facts.machine());
        object.addProperty("jdk", facts.jdk());
        object.addProperty("commit", facts.commit());
        object.addProperty("command", facts.command());
        object.add("results", results);
        return object;
    }

    private static JsonObject json(Result result) {
        JsonObject object = new JsonObject();
        object.addProperty("workload", result.spec().kind().id());
        object.addProperty("allocator", result.subject().allocator());
        object.addProperty("policy", result.subject().policy());
        object.addProperty("domain", result.subject().domain());
        object.addProperty("blockBytes", result.spec().blockBytes());
        object.addProperty("threads", result.spec().threads());
        object.addProperty("nsPerOperation", Json.rounded(result.nanosPerOperation()));
        object.addProperty("error", Json.rounded(result.error()));
        add(object, "linesPerOperation", result.linesPerOperation());
        add(object, "fencesPerOperation", result.fencesPerOperation());
        return object;
    }

    private static void add(JsonObject object, String name, OptionalDouble figure) {
        if (figure.isPresent()) {
            object.addProperty(name, Json.rounded(figure.getAsDouble()));
        } else {
            object.add(name, JsonNull.INSTANCE);
        }
    }

    static List<String> csv(Outcome outcome) {
        List<String> lines = new ArrayList<>();
        lines.add("workload,allocator,policy,domain,blockBytes,threads,nsPerOperation,error,linesPerOperation,"
                + "fencesPerOperation,garbageBytesPerOperation");
        for (Result result : outcome.results()) {
            lines.add(String.join(
                    ",",
                    result.spec().kind().id(),
                    result.subject().allocator(),
                    result.subject().policy(),
                    result.subject().domain(),
                    Long.toString(result.spec().blockBytes()),
                    Integer.toString(result.spec().threads()),
                    text(OptionalDouble.of(result.nanosPerOperation())),
                    text(OptionalDouble.of(result.error())),
                    text(result.linesPerOperation()),
                    text(result.fencesPerOperation()),
                    text(result.garbageBytesPerOperation())));
        }
        return lines;
    }

    private static String text(OptionalDouble figure) {
        return figure.isPresent() ? String.format(Locale.ROOT, "%.3f", figure.getAsDouble()) : "";
    }
}
