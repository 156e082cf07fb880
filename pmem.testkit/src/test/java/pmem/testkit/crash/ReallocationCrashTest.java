package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.testkit.region.Mutation;

/** Blocks of every policy that become longer, shorter, or are zero from the start, with a crash at every moment. */
class ReallocationCrashTest {
    private static final Set<String> FEW = Set.of(
            "allocate large", "allocate small", "allocate zeroed", "free oldest", "reallocate", "reallocate smaller");
    private static final List<String> POINTS = List.of("reallocate.grown", "reallocate.shrunk", "allocate.zeroed");

    static List<String> policies() {
        return NarrowExplorer.policies();
    }

    // One whose blocks have a table word, and one whose blocks have a tag.
    static Stream<Arguments> mutations() {
        return NarrowExplorer.mutations(List.of("segregated", "buddy"), POINTS);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void sizes_and_zeros_survive_a_crash_at_every_moment_beside_another_thread(String policy) {
        ExplorerReport report = NarrowExplorer.of(policy, FEW)
                .length(3)
                .threads(2)
                .nestedDepth(1)
                .imagesMax(10_000)
                .run(progress -> {});
        System.out.println(report);
        assertThat(report.violations()).isEmpty();
        assertThat(report.pointsMissed()).doesNotContainAnyElementsOf(POINTS);
    }

    @ParameterizedTest
    @MethodSource("mutations")
    void each_half_of_making_it_durable_is_needed_where_it_is(String policy, Mutation mutation) {
        ExplorerReport report = NarrowExplorer.of(policy, FEW)
                .length(3)
                .nestedDepth(0)
                .imagesMax(20_000)
                .violationsMax(1)
                .mutating(mutation)
                .run(progress -> {});
        assertThat(report.violations()).as(mutation.toString()).isNotEmpty();
    }
}
