package pmem.testkit.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import pmem.testkit.region.Omission;

/** Leaves out each write-back and each fence in turn and lets an explorer look for a crash that shows it. */
public final class MutationCampaign {
    private MutationCampaign() {}

    /**
     * Runs the campaign.
     *
     * @param explorer what to look with; it must find nothing when nothing is left out
     * @param listener told of each row when it is done
     * @throws IllegalStateException if the explorer finds violations without any omission
     */
    public static MutationReport run(CrashExplorer explorer, Consumer<MutationReport.Row> listener) {
        ExplorerReport intact = explorer.run(progress -> {});
        if (!intact.violations().isEmpty()) {
            throw new IllegalStateException(
                    "the protocol fails with nothing left out, so omissions prove nothing: " + intact);
        }
        List<MutationReport.Row> rows = new ArrayList<>();
        for (Omission omission : intact.omissions()) {
            MutationReport.Row row = look(explorer, omission);
            rows.add(row);
            listener.accept(row);
        }
        return new MutationReport(intact.policy(), rows);
    }

    // What survives is looked for once more without crashes inside recoveries, so that the images go to longer
    // sequences.
    private static MutationReport.Row look(CrashExplorer explorer, Omission omission) {
        CrashExplorer leaky = explorer.omitting(omission).violationsMax(1);
        ExplorerReport report = leaky.run(progress -> {});
        long images = report.distinctImages();
        if (report.violations().isEmpty()) {
            report = leaky.nestedDepth(0).threads(1).run(progress -> {});
            images += report.distinctImages();
        }
        return new MutationReport.Row(omission, report.violations().stream().findFirst(), images);
    }
}
