package pmem.tool.inspect;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;
import pmem.tool.common.ExitCode;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.common.ToolException;
import pmem.tool.report.Table;

/** {@code pmem policies}: what policies there are and what can be set. */
@Command(name = "policies", description = "List the placement policies on the module path and their parameters.")
public final class PoliciesCommand extends ToolCommand {
    /** For {@code pmem}. */
    public PoliciesCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        List<PolicyProvider> policies = Providers.policies();
        if (policies.isEmpty()) {
            throw new ToolException("no policy found: put a policy's module on the module path");
        }
        if (json()) {
            printJson(object(policies));
        } else {
            policies.forEach(this::print);
        }
        return ExitCode.OK;
    }

    private void print(PolicyProvider policy) {
        PrintStream out = streams().out();
        out.println(policy.id() + " (format version " + policy.formatVersion() + "): " + policy.summary());
        if (policy.parameters().isEmpty()) {
            out.println("  no parameters");
        } else {
            Table table = new Table(1, "parameter", "default", "smallest", "largest");
            for (PolicyParameter parameter : policy.parameters()) {
                table.row(
                        parameter.name(),
                        Long.toString(parameter.defaultValue()),
                        Long.toString(parameter.min()),
                        Long.toString(parameter.max()));
            }
            List<String> lines = table.lines();
            for (int i = 0; i < lines.size(); i++) {
                // The descriptions stand last: texts of any length would push the numbers out of sight.
                String last =
                        i < 2 ? "" : "  " + description(policy.parameters().get(i - 2));
                out.println("  " + lines.get(i) + (i == 0 ? "  meaning" : last));
            }
        }
        out.println();
    }

    private static String description(PolicyParameter parameter) {
        return parameter.description() + (parameter.powerOfTwo() ? " (a power of two)" : "");
    }

    private static JsonObject object(List<PolicyProvider> policies) {
        JsonArray array = new JsonArray();
        for (PolicyProvider policy : policies) {
            JsonObject one = new JsonObject();
            one.addProperty("id", policy.id());
            one.addProperty("summary", policy.summary());
            one.addProperty("formatVersion", policy.formatVersion());
            JsonArray parameters = new JsonArray();
            policy.parameters().forEach(parameter -> parameters.add(object(parameter)));
            one.add("parameters", parameters);
            array.add(one);
        }
        JsonObject object = new JsonObject();
        object.add("policies", array);
        return object;
    }

    private static JsonObject object(PolicyParameter parameter) {
        JsonObject object = new JsonObject();
        object.addProperty("name", parameter.name());
        object.addProperty("defaultValue", parameter.defaultValue());
        object.addProperty("min", parameter.min());
        object.addProperty("max", parameter.max());
        object.addProperty("powerOfTwo", parameter.powerOfTwo());
        object.addProperty("description", parameter.description());
        return object;
    }
}
