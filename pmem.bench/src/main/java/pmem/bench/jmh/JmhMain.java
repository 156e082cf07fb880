package pmem.bench.jmh;

import java.io.IOException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;

/** Runs the benchmarks with JMH's own command line, on every policy of the module path unless {@code -p policy=...} says which. */
public final class JmhMain {
    private JmhMain() {}

    /** Arguments as for JMH. */
    public static void main(String[] arguments) throws RunnerException, CommandLineOptionException, IOException {
        CommandLineOptions given = new CommandLineOptions(arguments);
        if (given.shouldHelp() || given.shouldList() || given.shouldListWithParams() || given.shouldListProfilers()) {
            org.openjdk.jmh.Main.main(arguments);
            return;
        }
        new Runner(withAllPolicies(new OptionsBuilder().parent(given), given)
                        .addProfiler(PersistProfiler.class)
                        .build())
                .run();
    }

    private static ChainedOptionsBuilder withAllPolicies(ChainedOptionsBuilder options, CommandLineOptions given) {
        if (given.getParameter("policy").hasValue()) {
            return options;
        }
        return options.param(
                "policy", Providers.policies().stream().map(PolicyProvider::id).toArray(String[]::new));
    }
}
