package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import pmem.testkit.property.AccessPool;

/** The segregated policy with an access for each thread: what accesses keep is free on media, whatever a crash interrupts. */
class SegregatedAccessCrashTest {
    /** What takes blocks from accesses and gives them back, in the sizes of slabs, segments and pages. */
    private static final Set<String> FEW = Set.of(
            "allocate small",
            "allocate medium",
            "allocate large",
            "allocate all that is left",
            "free oldest",
            "free newest",
            "reallocate",
            "close, open");

    @Test
    void pools_used_through_accesses_survive_a_crash_at_every_moment_of_one_and_two_threads() {
        // Maintenance by time would make runs differ.
        CrashTarget target = PolicyTarget.of("segregated", Map.of("maintenanceMillis", 0L), 0);
        ExplorerReport report = CrashExplorer.of(WrappedTarget.through(target, AccessPool::new))
                .operations(Operations.all().stream()
                        .filter(operation -> FEW.contains(operation.name()))
                        .toList())
                .length(3)
                .threads(2)
                .nestedDepth(0)
                .imagesPerEpochMax(500)
                .imagesMax(Long.getLong("pmem.images", 40_000) / 3)
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
        assertThat(report.undeclaredPoints()).isEmpty();
        assertThat(report.twoThreadedImages()).isPositive();
    }
}
