package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import pmem.spi.NodeStretches;
import pmem.spi.Region;
import pmem.testkit.region.DividedRegion;

/** The segregated policy over two NUMA nodes, with threads that are on the other node at every call. */
class SegregatedNodesCrashTest {
    private static final NodeStretches NODES = new NodeStretches(List.of(0, 1), 8192);

    /** Divides the region of a pool that is opened. */
    private static Region divided(Region region) {
        // Counts from 0 in every pool, so that each run is the same again.
        AtomicInteger calls = new AtomicInteger();
        return new DividedRegion(region, NODES, () -> calls.getAndIncrement() & 1);
    }

    @Test
    void pools_over_two_nodes_survive_a_crash_at_every_moment_of_one_and_two_threads() {
        CrashTarget target = PolicyTarget.of("segregated", Map.of(), 0);
        ExplorerReport report = CrashExplorer.of(WrappedTarget.over(target, SegregatedNodesCrashTest::divided))
                .length(3)
                .threads(2)
                .imagesPerEpochMax(500)
                .imagesMax(5_000)
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
        assertThat(report.undeclaredPoints()).isEmpty();
        assertThat(report.twoThreadedImages()).isPositive();
    }
}
