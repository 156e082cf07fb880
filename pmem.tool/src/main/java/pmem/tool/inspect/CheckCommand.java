package pmem.tool.inspect;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import pmem.api.CheckReport;
import pmem.api.Pool;
import pmem.tool.common.ExitCode;
import pmem.tool.common.Streams;
import pmem.tool.common.ToolCommand;

/** {@code pmem check}: what is wrong with a pool, without changing it. */
@Command(
        name = "check",
        description = {
            "Check a pool without changing a byte of it: superblocks, log, roots, every structure of its policy, and what opening"
                    + " it would do.",
            "A pool that was not closed is recovered in memory only. Nobody else may have the pool open,"
                    + " unless --beside-writer is given.",
            "Exit code 1 if the pool would be refused or more than notes were found; pmem repair --dry-run then says what can be"
                    + " done."
        })
public final class CheckCommand extends ToolCommand {
    @Parameters(paramLabel = "POOL", description = "File or device that holds the pool.")
    private Path path = Path.of("");

    @Option(
            names = "--beside-writer",
            description = "Look although a program has the pool open. What it changes meanwhile may show as findings.")
    private boolean besideWriter;

    /** For {@code pmem}. */
    public CheckCommand(Streams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        CheckReport report = besideWriter ? Pool.checkBesideWriter(path) : Pool.check(path);
        if (json()) {
            printJson(Reports.object(report));
        } else {
            Reports.print(streams().out(), report);
        }
        return report.isSound() ? ExitCode.OK : ExitCode.FAILED;
    }
}
