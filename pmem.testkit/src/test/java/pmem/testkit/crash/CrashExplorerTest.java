package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.testkit.crash.PlantedProvider.Bug;
import pmem.testkit.region.Mutation;

/** The explorer itself, on a tiny policy; {@link PlantedBugTest} shows that it finds bugs and how it explains them. */
class CrashExplorerTest {
    private static final Set<String> FEW =
            Set.of("allocate small", "free oldest", "transaction", "set root", "close, open");

    private static CrashExplorer explorer(Bug bug) {
        List<Operation> few = Operations.all().stream()
                .filter(operation -> FEW.contains(operation.name()))
                .toList();
        return CrashExplorer.of(new PlantedProvider(bug))
                .operations(few)
                .nestedDepth(1)
                .imagesPerEpochMax(1000)
                .workers(2);
    }

    @Test
    void a_failing_image_is_saved_with_its_story(@TempDir Path directory) throws Exception {
        ExplorerReport report = explorer(Bug.FENCE_FORGOTTEN)
                .length(1)
                .violationsMax(1)
                .saveFailuresIn(directory)
                .run(progress -> {});
        Violation violation = report.violations().getFirst();
        Path image = violation.image().orElseThrow();
        assertThat(Files.size(image) % 4096).isZero();
        assertThat(Files.readString(Path.of(image.toString().replace(".image", ".txt"))))
                .contains("crash not survived", violation.problem());
    }

    @Test
    void the_same_exploration_twice_counts_the_same() {
        CrashExplorer explorer = explorer(Bug.NONE).length(2).threads(2);
        ExplorerReport first = explorer.run(progress -> {});
        ExplorerReport second = explorer.run(progress -> {});
        assertThat(second.distinctImages()).isEqualTo(first.distinctImages());
        assertThat(second.sequences()).isEqualTo(first.sequences());
        assertThat(first.lengthReached()).isEqualTo(2);
        assertThat(first.nestedImages()).isPositive();
        assertThat(first.twoThreadedImages()).isPositive();
    }

    @Test
    void a_bound_on_images_is_kept_and_visible_in_the_report() {
        ExplorerReport report = explorer(Bug.NONE).length(6).imagesMax(20_000).run(progress -> {});
        assertThat(report.distinctImages()).isBetween(20_000L, 24_000L);
        assertThat(report.lengthReached()).isLessThan(6);
    }

    @Test
    void an_epoch_with_too_many_images_is_sampled_and_reported() {
        ExplorerReport report =
                explorer(Bug.NONE).length(1).imagesPerEpochMax(3).run(progress -> {});
        assertThat(report.cappedEpochs()).isPositive();
    }

    @Test
    void torn_words_add_images() {
        ExplorerReport whole = explorer(Bug.NONE).length(1).run(progress -> {});
        ExplorerReport torn = explorer(Bug.NONE).length(1).torn(true).run(progress -> {});
        assertThat(torn.violations()).isEmpty();
        assertThat(torn.distinctImages()).isGreaterThan(whole.distinctImages());
    }

    @Test
    void random_sequences_go_beyond_the_exhaustive_length() {
        ExplorerReport report = explorer(Bug.NONE).length(0).random(20, 12, 7).run(progress -> {});
        assertThat(report.sequences()).isEqualTo(20);
        assertThat(report.violations()).isEmpty();
    }

    @Test
    void a_write_back_or_fence_left_out_or_misplaced_is_noticed() {
        Operation allocate = Operations.all().getFirst();
        MutationReport report = MutationCampaign.run(
                explorer(Bug.NONE).length(1).imagesMax(2_000).operations(List.of(allocate)), row -> {});
        assertThat(report.rows())
                .filteredOn(row -> row.mutation().point().equals("planted.header")
                        || row.mutation().point().equals("allocate.state"))
                .hasSize(2 * Mutation.Kind.values().length)
                .allSatisfy(row ->
                        assertThat(row.caughtBy()).as(row.mutation().toString()).isPresent());
        assertThat(report.survivors())
                .as("sequences of one operation free nothing")
                .contains(new Mutation("planted.dropped", Mutation.Kind.FENCE));
        assertThat(report.toMarkdown()).contains("| planted.header | fence early | ");
        assertThat(MutationReport.toMarkdown(List.of(report)))
                .contains("caught in `planted-none` by", "| planted.header | write-back");
    }

    @Test
    void mutations_prove_nothing_when_the_protocol_is_broken_already() {
        CrashExplorer broken = explorer(Bug.FENCE_FORGOTTEN).length(1);
        assertThatThrownBy(() -> MutationCampaign.run(broken, row -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("fails without a mutation");
    }

    @Test
    void the_report_is_one_json_object_with_the_counts() {
        ExplorerReport report = explorer(Bug.NONE).length(1).run(progress -> {});
        assertThat(report.toJson())
                .startsWith("{\"policy\": \"planted-none\", \"sequences\": ")
                .contains("\"distinctImages\": " + report.distinctImages(), "\"violations\": 0", "\"points\": ");
    }
}
