package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import pmem.testkit.region.Mutation;

/** Leaves out and misplaces each write-back and each fence in turn and lets an explorer look for a crash that shows it. */
public final class MutationCampaign {
    private MutationCampaign() {}

    /** Runs the campaign with all mutations; as {@link #run(CrashExplorer, Predicate, Consumer)}. */
    public static MutationReport run(CrashExplorer explorer, Consumer<MutationReport.Row> listener) {
        return run(explorer, mutation -> true, listener);
    }

    /**
     * Runs the campaign.
     *
     * @param explorer what to look with; it must find nothing without a mutation
     * @param chosen which mutations are tried
     * @param listener told of each row when it is done
     * @throws IllegalStateException if the explorer finds violations without any mutation
     */
    public static MutationReport run(
            CrashExplorer explorer, Predicate<Mutation> chosen, Consumer<MutationReport.Row> listener) {
        ExplorerReport intact = explorer.run(progress -> {});
        if (!intact.violations().isEmpty()) {
            throw new IllegalStateException(
                    "the protocol fails without a mutation, so mutations prove nothing: " + intact);
        }
        List<MutationReport.Row> rows = new ArrayList<>();
        for (Mutation mutation : intact.mutations().stream().filter(chosen).toList()) {
            MutationReport.Row row = look(explorer, mutation);
            rows.add(row);
            listener.accept(row);
        }
        return new MutationReport(intact.policy(), rows);
    }

    // What survives is looked for once more without crashes inside recoveries, so that the images go to longer
    // sequences.
    private static MutationReport.Row look(CrashExplorer explorer, Mutation mutation) {
        CrashExplorer leaky = explorer.mutating(mutation).violationsMax(1);
        ExplorerReport report = leaky.run(progress -> {});
        long images = report.distinctImages();
        if (report.violations().isEmpty()) {
            report = leaky.nestedDepth(0).threads(1).run(progress -> {});
            images += report.distinctImages();
        }
        return new MutationReport.Row(mutation, report.violations().stream().findFirst(), images);
    }
}
