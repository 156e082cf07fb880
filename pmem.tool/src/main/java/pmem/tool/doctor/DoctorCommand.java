package pmem.tool.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import pmem.api.DurabilityDomain;
import pmem.spi.PlaceFact;
import pmem.spi.Providers;
import pmem.spi.RegionProvider;
import pmem.tool.common.ExitCode;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.report.Json;
import pmem.tool.report.Table;

/** {@code pmem doctor}: what this machine offers, and what a pool at a path would survive. */
@Command(
        name = "doctor",
        description = {
            "Say what this machine offers to pools, and what a pool at PATH would survive: file system, DAX, persistence"
                    + " domain, instructions, measured cost of a fence, NUMA, huge pages, JDK; with what to do where it could"
                    + " be better.",
            "Measures in a file of 2 MiB that never gets a name; a device is written back without being changed.",
            "Exit code 1 if no pool can be there."
        })
public final class DoctorCommand extends ToolCommand {
    @Parameters(
            paramLabel = "PATH",
            arity = "0..1",
            defaultValue = ".",
            description = "File, directory or device; default the current directory.")
    private Path path = Path.of(".");

    /** For {@code pmem}. */
    public DoctorCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        RegionProvider regions = Providers.only(RegionProvider.class);
        List<PlaceFact> facts = new ArrayList<>(regions.describe(path));
        facts.add(jdk());
        facts.add(new PlaceFact(
                "processors", Integer.toString(Runtime.getRuntime().availableProcessors())));
        Set<DurabilityDomain> domains = regions.domains(path);
        List<FenceCost> costs = FenceCost.at(path);
        if (json()) {
            printJson(object(facts, domains, costs));
        } else {
            print(facts, domains, costs);
        }
        return domains.isEmpty() ? ExitCode.FAILED : ExitCode.OK;
    }

    private static PlaceFact jdk() {
        boolean compiles = System.getProperty("java.vm.info", "").contains("mixed mode");
        return new PlaceFact(
                "JDK",
                System.getProperty("java.vm.name") + " " + Runtime.version(),
                compiles ? "" : "run without -Xint: the region's calls are meant to be compiled");
    }

    private void print(List<PlaceFact> facts, Set<DurabilityDomain> domains, List<FenceCost> costs) {
        PrintStream out = streams().out();
        out.println("place: " + path);
        Table table = new Table(2, "what", "found");
        facts.forEach(fact -> table.row(fact.name(), fact.value()));
        table.lines().forEach(out::println);
        out.println();
        if (domains.isEmpty()) {
            out.println("No pool can be here.");
        } else {
            DurabilityDomain strongest = domains.iterator().next();
            out.println("A pool here would be " + strongest.id() + ". It survives: process kill "
                    + yesOrNo(strongest.survivesProcessKill()) + ", crash of the system "
                    + yesOrNo(strongest.survivesSystemCrash()) + ", power cut " + yesOrNo(strongest.survivesPowerLoss())
                    + ".");
            out.println("Domains that can be asked for: "
                    + String.join(
                            ", ", domains.stream().map(DurabilityDomain::id).toList()));
        }
        if (!costs.isEmpty()) {
            out.println();
            Table measured = new Table(2, "measured with", "step", "median");
            costs.forEach(cost -> measured.row(cost.domain().id(), cost.what(), cost.text()));
            measured.lines().forEach(out::println);
        }
        List<PlaceFact> remedies =
                facts.stream().filter(fact -> !fact.remedy().isEmpty()).toList();
        out.println();
        out.println(remedies.isEmpty() ? "Nothing to do." : "What could be done:");
        remedies.forEach(fact -> out.println("  " + fact.name() + ": " + fact.remedy()));
    }

    private static String yesOrNo(boolean survives) {
        return survives ? "yes" : "no";
    }

    private JsonObject object(List<PlaceFact> facts, Set<DurabilityDomain> domains, List<FenceCost> costs) {
        JsonObject object = new JsonObject();
        object.addProperty("path", path.toString());
        object.add(
                "domains", Json.array(domains.stream().map(DurabilityDomain::id).toList()));
        JsonArray found = new JsonArray();
        for (PlaceFact fact : facts) {
            JsonObject one = new JsonObject();
            one.addProperty("name", fact.name());
            one.addProperty("value", fact.value());
            one.addProperty("remedy", fact.remedy());
            found.add(one);
        }
        object.add("facts", found);
        JsonArray measured = new JsonArray();
        for (FenceCost cost : costs) {
            JsonObject one = new JsonObject();
            one.addProperty("domain", cost.domain().id());
            one.addProperty("step", cost.what());
            one.addProperty("nanos", Json.rounded(cost.nanos()));
            measured.add(one);
        }
        object.add("costs", measured);
        return object;
    }
}
