package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import pmem.testkit.crash.ToyPool.Bug;

class CrashExplorerTest {
    private static final long TOY_BYTES = 4096;

    private static CrashExplorer explorer(Bug bug) {
        return CrashExplorer.of(ToyPool.target(bug, TOY_BYTES)).workers(2);
    }

    @Test
    void a_right_pool_survives_every_crash_and_covers_every_point() {
        ExplorerReport report = explorer(Bug.NONE).length(3).threads(2).run(progress -> {});
        assertThat(report.violations()).isEmpty();
        assertThat(report.lengthReached()).isEqualTo(3);
        assertThat(report.pointsMissed()).isEmpty();
        assertThat(report.undeclaredPoints()).isEmpty();
        assertThat(report.cappedEpochs()).isZero();
        assertThat(report.twoThreadedImages()).isPositive();
        assertThat(report.nestedImages()).isPositive();
        assertThat(report.distinctImages()).isGreaterThan(1000);
    }

    @Test
    void a_right_pool_survives_torn_words_except_where_its_log_relies_on_the_order_in_a_line() {
        ExplorerReport report = explorer(Bug.NONE).length(2).torn(true).run(progress -> {});
        assertThat(report.violations())
                .isNotEmpty()
                .allSatisfy(violation -> assertThat(violation.sequence()).contains("transaction"));
    }

    @ParameterizedTest
    @CsvSource({
        "BIT_DURABLE_AFTER_HAND_OUT, allocate small, is missing",
        "FENCE_FORGOTTEN, free oldest, is live that should be free",
        "DOUBLE_COUNT_ON_REBUILD, allocate small, statistics count 2 live blocks",
        "LINK_BEFORE_STATE, transaction, content of block",
    })
    void a_planted_bug_is_found_and_explained(Bug bug, String lastOperation, String conclusion) {
        ExplorerReport report = explorer(bug).length(3).run(progress -> {});
        assertThat(report.violations()).isNotEmpty();
        assertThat(report.violations()).anySatisfy(violation -> {
            assertThat(violation.sequence().getLast()).isEqualTo(lastOperation);
            assertThat(violation.sequence()).hasSizeLessThanOrEqualTo(2);
            assertThat(violation.problem()).contains(conclusion);
            assertThat(violation.toString())
                    .contains("sequence:", "in flight:", "passed:", "on media:", "conclusion:", "repeat with:");
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"BIT_DURABLE_AFTER_HAND_OUT", "LINK_BEFORE_STATE"})
    void a_failing_image_is_saved_with_its_story(Bug bug, @TempDir Path directory) throws Exception {
        ExplorerReport report = explorer(bug)
                .length(2)
                .violationsMax(1)
                .saveFailuresIn(directory)
                .run(progress -> {});
        Violation violation = report.violations().getFirst();
        Path image = violation.image().orElseThrow();
        assertThat(image).hasSize(TOY_BYTES);
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
    }

    @Test
    void a_bound_on_images_is_kept_and_visible_in_the_report() {
        ExplorerReport report = explorer(Bug.NONE).length(6).imagesMax(2000).run(progress -> {});
        assertThat(report.distinctImages()).isBetween(2000L, 4000L);
        assertThat(report.lengthReached()).isLessThan(6);
    }

    @Test
    void an_epoch_with_too_many_images_is_sampled_and_reported() {
        ExplorerReport report =
                explorer(Bug.NONE).length(1).imagesPerEpochMax(3).run(progress -> {});
        assertThat(report.cappedEpochs()).isPositive();
    }

    @Test
    void random_sequences_go_beyond_the_exhaustive_length() {
        ExplorerReport report = explorer(Bug.NONE).length(0).random(20, 12, 7).run(progress -> {});
        assertThat(report.sequences()).isEqualTo(20);
        assertThat(report.violations()).isEmpty();
    }

    @Test
    void every_write_back_and_fence_left_out_is_noticed() {
        MutationReport report = MutationCampaign.run(explorer(Bug.NONE).length(3), row -> {});
        assertThat(report.rows()).hasSizeGreaterThanOrEqualTo(2 * ToyPool.POINTS.size() - 1);
        assertThat(report.survivors())
                .extracting(Object::toString)
                .as("opening follows creation at once and makes the line of the magic durable itself")
                .containsExactlyInAnyOrder("fence left out at toy.magic", "write-back left out at toy.magic");
        assertThat(report.toMarkdown()).contains("| toy.bit | fence |");
    }

    @Test
    void omissions_prove_nothing_when_the_protocol_is_broken_already() {
        CrashExplorer broken = explorer(Bug.FENCE_FORGOTTEN).length(2);
        assertThatThrownBy(() -> MutationCampaign.run(broken, row -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("fails with nothing left out");
    }

    @Test
    void the_report_is_one_json_object_with_the_counts() {
        ExplorerReport report = explorer(Bug.NONE).length(1).run(progress -> {});
        assertThat(report.toJson())
                .startsWith("{\"policy\": \"toy-none\", \"sequences\": ")
                .contains("\"distinctImages\": " + report.distinctImages(), "\"violations\": 0", "\"points\": 10");
    }
}
