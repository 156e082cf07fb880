package pmem.tool.inspect;

import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import pmem.api.Pool;
import pmem.api.RepairItem;
import pmem.api.RepairOptions;
import pmem.api.RepairReport;
import pmem.tool.common.ExitCode;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;

/** {@code pmem repair}: makes a damaged pool one that opens. */
@Command(
        name = "repair",
        description = {
            "Repair a damaged pool, so that it opens and verifies without findings. What is intact stays; what can be told from"
                    + " a copy or a checksum is made what it was; the rest is given up, item by item.",
            "First the bytes that will change are saved in POOL.repair-TIME.backup, a text file; --undo puts them back.",
            "Exit code 0 if the pool is sound afterwards (with --dry-run: would be), 1 if not."
        })
public final class RepairCommand extends ToolCommand {
    @Parameters(paramLabel = "POOL", description = "File or device that holds the pool.")
    private Path path = Path.of("");

    @Option(names = "--dry-run", description = "Say what would be done; change nothing.")
    private boolean dryRun;

    @Option(
            names = "--backup",
            paramLabel = "FILE",
            description = "Where the old bytes go, instead of beside the pool. Nothing must be there yet.")
    private @Nullable Path backup;

    @Option(
            names = "--undo",
            paramLabel = "BACKUP",
            description = "Put the bytes back that an earlier repair has saved, if the pool was not changed since.")
    private @Nullable Path undo;

    /** For {@code pmem}. */
    public RepairCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        if (undo != null) {
            return undo(undo);
        }
        RepairReport report = Pool.repair(path, new RepairOptions(dryRun, Optional.ofNullable(backup)));
        if (json()) {
            printJson(object(report));
        } else {
            print(report);
        }
        return report.outcome() == RepairReport.Outcome.IMPOSSIBLE ? ExitCode.FAILED : ExitCode.OK;
    }

    private int undo(Path saved) {
        if (dryRun || backup != null) {
            throw wrongUsage("--undo stands alone: it takes neither --dry-run nor --backup");
        }
        Pool.undoRepair(path, saved);
        if (json()) {
            JsonObject object = new JsonObject();
            object.addProperty("pool", path.toString());
            object.addProperty("undone", saved.toString());
            printJson(object);
        } else {
            streams().out().println("the bytes saved in " + saved + " are back in " + path);
        }
        return ExitCode.OK;
    }

    private void print(RepairReport report) {
        PrintStream out = streams().out();
        out.println("before    " + report.before());
        for (RepairItem item : report.items()) {
            out.println(item.action().name().toLowerCase(java.util.Locale.ROOT) + "  " + item.finding());
            out.println("          " + item.result());
        }
        out.println("after     " + report.after());
        report.backup().ifPresent(saved -> out.println("backup    " + saved));
        out.println("outcome   " + report.outcome() + ": " + report.message());
    }

    private static JsonObject object(RepairReport report) {
        JsonObject object = new JsonObject();
        object.addProperty("outcome", report.outcome().name());
        object.addProperty("message", report.message());
        report.backup().ifPresent(saved -> object.addProperty("backup", saved.toString()));
        object.add("items", Reports.items(report.items()));
        object.add("before", Reports.object(report.before()));
        object.add("after", Reports.object(report.after()));
        return object;
    }
}
