package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.testkit.region.Mutation;

/** Growing and shrinking pools of every policy, with a crash at every moment, also of the recovery after such a crash. */
class GrowthCrashTest {
    private static final Set<String> FEW = Set.of(
            "grow",
            "shrink",
            "trim",
            "allocate small",
            "allocate all that is left",
            "free oldest",
            "transaction",
            "close, open");
    private static final List<String> POINTS = List.of("grow.length", "grow.capacity", "shrink.capacity");

    static List<String> policies() {
        return NarrowExplorer.policies();
    }

    static Stream<Arguments> mutations() {
        return NarrowExplorer.mutations(policies(), POINTS);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void growing_and_shrinking_survive_a_crash_at_every_moment_beside_another_thread_and_inside_recoveries(
            String policy) {
        ExplorerReport report = NarrowExplorer.of(policy, FEW)
                .length(3)
                .threads(2)
                .nestedDepth(2)
                .imagesMax(30_000)
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
        assertThat(report.pointsMissed()).doesNotContainAnyElementsOf(POINTS);
    }

    @ParameterizedTest
    @MethodSource("mutations")
    void each_half_of_making_a_new_size_durable_is_needed_where_it_is(String policy, Mutation mutation) {
        ExplorerReport report = NarrowExplorer.of(policy, FEW)
                .length(2)
                .nestedDepth(0)
                .imagesMax(20_000)
                .violationsMax(1)
                .mutating(mutation)
                .run(progress -> {});
        assertThat(report.violations()).as(mutation.toString()).isNotEmpty();
    }
}
