package pmem.tool;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import pmem.api.DurabilityDomain;
import pmem.tool.advise.AdviseCommand;
import pmem.tool.bench.BenchCommand;
import pmem.tool.common.Streams;
import pmem.tool.demo.ChildCommand;
import pmem.tool.demo.DemoCommand;
import pmem.tool.doctor.DoctorCommand;
import pmem.tool.explore.ExploreCommand;
import pmem.tool.inspect.CheckCommand;
import pmem.tool.inspect.InfoCommand;
import pmem.tool.inspect.PoliciesCommand;
import pmem.tool.inspect.RepairCommand;
import pmem.tool.replay.ReplayCommand;

/** The {@code pmem} command. */
@Command(
        name = "pmem",
        description = "Shows, replays, checks and repairs persistent memory pools.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "pmem jmh ARGS runs the JMH benchmarks with JMH's own command line.",
            "",
            "Exit codes: 0 all is well, 1 a check failed or a pool or file was refused, 2 wrong usage.",
            "Errors are one line on standard error."
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before the command runs
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and do nothing else.")
    @SuppressWarnings("unused") // picocli acts on it
    private boolean help;

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(Streams.ofProcess(), arguments));
    }

    /** Runs one command on these streams and returns its exit code. */
    static int run(Streams streams, String... arguments) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.addSubcommand(new DemoCommand(streams));
        commandLine.addSubcommand(new ReplayCommand(streams));
        commandLine.addSubcommand(new ExploreCommand(streams));
        commandLine.addSubcommand(new BenchCommand(streams));
        commandLine.addSubcommand(new AdviseCommand(streams));
        commandLine.addSubcommand(new DoctorCommand(streams));
        commandLine.addSubcommand(new InfoCommand(streams));
        commandLine.addSubcommand(new CheckCommand(streams));
        commandLine.addSubcommand(new RepairCommand(streams));
        commandLine.addSubcommand(new PoliciesCommand(streams));
        commandLine.addSubcommand(new ChildCommand());
        ErrorLines errors = new ErrorLines(streams);
        commandLine.setParameterExceptionHandler(errors);
        commandLine.setExecutionExceptionHandler(errors);
        commandLine.registerConverter(DurabilityDomain.class, Main::durability);
        commandLine.setOut(new PrintWriter(streams.out(), true, streams.out().charset()));
        commandLine.setErr(new PrintWriter(streams.err(), true, streams.err().charset()));
        commandLine.setUsageHelpWidth(100);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        return commandLine.execute(arguments);
    }

    // Of any other exception the user would see the class.
    private static DurabilityDomain durability(String id) {
        try {
            return DurabilityDomain.ofId(id);
        } catch (IllegalArgumentException unknown) {
            throw new TypeConversionException(String.valueOf(unknown.getMessage()));
        }
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "missing command: expected one of demo, replay, explore, bench, advise, doctor, info, check, repair,"
                        + " policies");
    }
}
