package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;
import pmem.testkit.region.Mutation;

/** What tests share that are about a few persist points, and so about the few operations that pass them. */
final class NarrowExplorer {
    private NarrowExplorer() {}

    /** Ids of all policies. */
    static List<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    /** Each way to spoil each of the points, under each of the policies. */
    static Stream<Arguments> mutations(List<String> policies, List<String> points) {
        return policies.stream()
                .flatMap(policy -> points.stream()
                        .flatMap(point -> Stream.of(Mutation.Kind.values())
                                .map(kind -> Arguments.of(policy, new Mutation(point, kind)))));
    }

    /** An explorer with the operations of these names only. */
    static CrashExplorer of(String policy, Set<String> names) {
        List<Operation> few = Operations.all().stream()
                .filter(operation -> names.contains(operation.name()))
                .toList();
        assertThat(few).hasSameSizeAs(names);
        return CrashExplorer.of(policy).operations(few).imagesPerEpochMax(500);
    }
}
