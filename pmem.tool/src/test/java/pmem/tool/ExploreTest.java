package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import org.junit.jupiter.api.Test;

class ExploreTest {
    @Test
    void the_answer_in_json_has_the_counts_of_every_policy() {
        CommandRun run =
                CommandRun.of("explore", "--length", 1, "--threads", 1, "--images", 3000, "--depth", 0, "--json");
        assertThat(run.exitCode()).isZero();
        assertThat(run.json().getAsJsonArray("results")).hasSize(3).allSatisfy(element -> {
            JsonObject result = element.getAsJsonObject();
            assertThat(result.get("distinctImages").getAsLong()).isPositive();
            assertThat(result.get("violations").getAsLong()).isZero();
            assertThat(result.get("points").getAsInt())
                    .isGreaterThanOrEqualTo(result.get("pointsCovered").getAsInt());
        });
    }

    @Test
    void people_get_the_counts_by_operation_and_a_table() {
        CommandRun run = CommandRun.of(
                "explore", "--policy", "buddy", "--length", 1, "--threads", 1, "--images", 3000, "--depth", 0);
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("buddy: ", "create", "distinct crash images: ");
    }

    @Test
    void a_length_that_makes_no_sense_is_wrong_usage() {
        CommandRun.of("explore", "--length", -1).refused(2, "--length", "expected 0 to 20", "found=-1");
    }

    @Test
    void an_unknown_policy_is_wrong_usage() {
        CommandRun.of("explore", "--policy", "none").refused(2, "unknown policy", "found=none");
    }
}
