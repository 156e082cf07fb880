package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.spi.Providers;
import pmem.tool.common.ExitCode;

class UsageTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "demo --help",
                "replay --help",
                "bench --help",
                "advise --help",
                "doctor --help",
                "info --help",
                "check --help",
                "repair --help",
                "policies --help"
            })
    void every_command_explains_itself(String command) {
        CommandRun run = CommandRun.of((Object[]) command.split(" "));

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.out()).startsWith("Usage: pmem");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void the_child_of_the_demo_is_not_shown() {
        assertThat(CommandRun.of("--help").out()).contains("demo").doesNotContain("demo-child");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "info",
                "check",
                "repair",
                "replay",
                "replay x --size 12q",
                "replay x --size 0",
                "replay x --volatile --pool y --policy buddy",
                "replay x y --pool z --policy buddy",
                "replay x --volatile --durability forced-cache-line",
                "bench --unknown-option",
                "advise",
                "advise x --prefer nonsense",
                "demo --kills 0",
                "demo --kills many",
                "demo --threads 1",
                "demo --threads 17",
                "demo --durability volatile",
                "demo --durability nonsense",
                "demo --pool x --policy all",
                "demo --unknown-option",
                "policies --policy x"
            })
    void wrong_usage_is_one_line_and_exit_code_2(String command) {
        CommandRun run = CommandRun.of((Object[]) (command.isEmpty() ? new String[0] : command.split(" ")));

        run.refused(ExitCode.USAGE, "pmem", "see pmem");
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo --policy nonsense", "replay x --policy nonsense"})
    void an_unknown_policy_is_refused_with_a_list_of_those_there_are(String command) {
        CommandRun.of((Object[]) command.split(" "))
                .refused(ExitCode.USAGE, "unknown policy", "found=nonsense", "bitmap", "buddy");
    }

    @Test
    void an_unknown_durability_is_refused_with_a_list_of_those_there_are() {
        assertThat(CommandRun.of("demo", "--durability", "nonsense")
                        .refused(ExitCode.USAGE, "found=nonsense", "forced-cache-line"))
                .doesNotContain("Exception");
    }

    @Test
    void policies_lists_every_policy_and_parameter() {
        CommandRun run = CommandRun.of("policies");

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        Providers.policies().forEach(policy -> {
            assertThat(run.out()).contains(policy.id()).contains(policy.summary());
            policy.parameters()
                    .forEach(parameter ->
                            assertThat(run.out()).contains(parameter.name()).contains(parameter.description()));
        });
    }

    @Test
    void policies_as_json_has_every_policy_and_parameter() {
        JsonObject json = CommandRun.of("policies", "--json").json();

        assertThat(json.getAsJsonArray("policies")).hasSameSizeAs(Providers.policies());
        for (JsonElement policy : json.getAsJsonArray("policies")) {
            assertThat(policy.getAsJsonObject().keySet())
                    .containsExactly("id", "summary", "formatVersion", "parameters");
            for (JsonElement parameter : policy.getAsJsonObject().getAsJsonArray("parameters")) {
                assertThat(parameter.getAsJsonObject().keySet())
                        .containsExactly("name", "defaultValue", "min", "max", "powerOfTwo", "description");
            }
        }
    }
}
