package pmem.tool;

import com.google.gson.JsonObject;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import pmem.api.PmemException;
import pmem.tool.common.ExitCode;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.common.ToolException;
import pmem.tool.report.Json;

/**
 * Turns every failure into one line on standard error and an exit code; with {@code --json} also into one object on standard
 * output, if the command has not printed its own.
 */
final class ErrorLines implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private final Streams streams;

    ErrorLines(Streams streams) {
        this.streams = streams;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        print(command, message(failure) + "; see " + command + " --help");
        return ExitCode.USAGE;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine commandLine, ParseResult result) {
        String message = message(failure);
        print(commandLine.getCommandSpec().qualifiedName(), message);
        Object command = commandLine.getCommandSpec().userObject();
        if (command instanceof ToolCommand tool && tool.json() && !tool.answered()) {
            JsonObject object = new JsonObject();
            object.addProperty("error", message);
            streams.out().println(Json.text(object));
            streams.out().flush();
        }
        return ExitCode.FAILED;
    }

    private void print(String command, String message) {
        streams.err().println(command + ": " + message.replaceAll("\\s*\\R\\s*", " "));
        streams.err().flush();
    }

    // A failure nobody foresaw is a defect of the tool: its kind and place belong into the line.
    private static String message(Exception failure) {
        String message = failure.getMessage();
        if (message != null
                && (failure instanceof PmemException
                        || failure instanceof ToolException
                        || failure instanceof ParameterException
                        || failure instanceof IllegalArgumentException)) {
            return message;
        }
        StackTraceElement[] trace = failure.getStackTrace();
        return "unexpected failure: " + failure + (trace.length == 0 ? "" : " at " + trace[0]);
    }
}
