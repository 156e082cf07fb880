package pmem.tool.inspect;

import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.PoolStats;
import pmem.api.Size;
import pmem.tool.common.ExitCode;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;
import pmem.tool.common.ToolException;
import pmem.tool.report.HeapMap;
import pmem.tool.report.Json;
import pmem.tool.report.Table;

/** {@code pmem info}: the facts of one pool. */
@Command(
        name = "info",
        description = {
            "Show a pool: policy, figures, durability, recovery, roots, and what a full verification finds.",
            "The pool is opened as an application would open it: nobody else may have it open, a pool that was not closed is"
                    + " recovered, and it is closed cleanly afterwards. No block is changed.",
            "Exit code 1 if the pool is refused or the verification finds more than notes."
        })
public final class InfoCommand extends ToolCommand {
    @Parameters(paramLabel = "POOL", description = "File or device that holds the pool.")
    private Path path = Path.of("");

    /** For {@code pmem}. */
    public InfoCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        List<Finding> findings;
        try (Pool pool = Pool.open(path, PoolOptions.open())) {
            findings = pool.verify();
            if (json()) {
                printJson(object(pool, findings));
            } else {
                print(pool, findings);
            }
        }
        long serious = findings.stream().filter(Finding::isSerious).count();
        if (serious > 0) {
            throw new ToolException(
                    "verification failed: pool=" + path + " findings=" + serious + ", first is " + findings.getFirst());
        }
        return ExitCode.OK;
    }

    private void print(Pool pool, List<Finding> findings) {
        PrintStream out = streams().out();
        PoolStats stats = pool.stats();
        out.println("pool        " + path);
        out.println("policy      " + pool.policy());
        out.println("durability  " + pool.durability());
        out.println("recovery    " + pool.recovery());
        out.println();
        Table figures = new Table(1, "figure", "bytes", "");
        figure(figures, "capacity", stats.capacityBytes());
        figure(figures, "metadata", stats.metadataBytes());
        figure(figures, "used", stats.usedBytes());
        figure(figures, "in live blocks", stats.liveBytes());
        figure(figures, "free", stats.freeBytes());
        figure(figures, "largest free", stats.largestFreeBytes());
        figures.lines().forEach(out::println);
        out.printf(
                "live blocks %d, fragmentation of the free space %.3f%n%n", stats.liveBlocks(), stats.fragmentation());
        printRoots(out, pool.roots());
        HeapMap map = new HeapMap(stats.capacityBytes());
        pool.forEachBlock(map::add);
        map.lines(streams().unicode()).forEach(out::println);
        out.println();
        out.println("verification: " + (findings.isEmpty() ? "nothing wrong" : findings.size() + " findings"));
        findings.forEach(finding -> out.println("  " + finding));
    }

    private static void figure(Table table, String name, long bytes) {
        table.row(name, Long.toString(bytes), Size.format(bytes));
    }

    private static void printRoots(PrintStream out, Map<String, Long> roots) {
        if (roots.isEmpty()) {
            out.println("no roots");
        } else {
            Table table = new Table(1, "root", "handle");
            roots.forEach((name, handle) -> table.row(name, Handles.format(handle)));
            table.lines().forEach(out::println);
        }
        out.println();
    }

    private JsonObject object(Pool pool, List<Finding> findings) {
        JsonObject object = new JsonObject();
        object.addProperty("pool", path.toString());
        object.addProperty("policy", pool.policy());
        object.addProperty("durability", pool.durability().domain().id());
        object.addProperty("writeBack", pool.durability().writeBack());
        object.addProperty("fence", pool.durability().fence());
        object.add("durabilityNotes", Json.array(pool.durability().notes()));
        object.add("recovery", Reports.object(pool.recovery()));
        object.add("stats", object(pool.stats()));
        JsonObject roots = new JsonObject();
        pool.roots().forEach((name, handle) -> roots.addProperty(name, Handles.format(handle)));
        object.add("roots", roots);
        object.add("findings", Reports.findings(findings));
        return object;
    }

    private static JsonObject object(PoolStats stats) {
        JsonObject object = new JsonObject();
        object.addProperty("capacityBytes", stats.capacityBytes());
        object.addProperty("metadataBytes", stats.metadataBytes());
        object.addProperty("usedBytes", stats.usedBytes());
        object.addProperty("freeBytes", stats.freeBytes());
        object.addProperty("liveBlocks", stats.liveBlocks());
        object.addProperty("liveBytes", stats.liveBytes());
        object.addProperty("largestFreeBytes", stats.largestFreeBytes());
        object.addProperty("fragmentation", Json.rounded(stats.fragmentation()));
        return object;
    }
}
