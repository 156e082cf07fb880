package pmem.tool.common;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import pmem.tool.report.Json;

/** A command that can answer in JSON. */
public abstract class ToolCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before the command runs
    private CommandSpec spec;

    @Option(names = "--json", description = "Print exactly one JSON object on standard output, and nothing else there.")
    private boolean json;

    private boolean answered;

    /** For a command that writes to these streams. */
    protected ToolCommand(Streams streams) {
        this.streams = streams;
    }

    /** Where the command writes. */
    protected final Streams streams() {
        return streams;
    }

    /** Whether the answer is one JSON object. */
    public final boolean json() {
        return json;
    }

    /** Whether the one JSON object has been printed. */
    public final boolean answered() {
        return answered;
    }

    /** Prints the command's one JSON object. */
    protected final void printJson(JsonObject object) {
        answered = true;
        streams.out().println(Json.text(object));
        streams.out().flush();
    }

    /** The error of a command line that can't be right; exit code 2. */
    protected final ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** The same, for a value that was refused; the message is the refusal's. */
    protected final ParameterException wrongUsage(IllegalArgumentException refusal) {
        return wrongUsage(String.valueOf(refusal.getMessage()));
    }
}
