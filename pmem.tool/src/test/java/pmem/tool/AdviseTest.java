package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;
import pmem.tool.common.ExitCode;

class AdviseTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path trace;

    @BeforeEach
    void writeTrace() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= 2000; i++) {
            text.append("a ").append(i).append(" 24 0\n");
        }
        trace = Files.writeString(directory.resolve("small.trace"), text);
    }

    @Test
    void advise_tries_every_policy_with_other_parameters_too_and_recommends_the_first_of_the_table() {
        CommandRun run = CommandRun.of("advise", trace, "--prefer", "space", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
        JsonObject advice = run.json();
        List<JsonElement> candidates = advice.getAsJsonArray("candidates").asList();
        assertThat(policies(candidates))
                .containsAll(
                        Providers.policies().stream().map(PolicyProvider::id).toList());
        assertThat(candidates).hasSizeGreaterThan(Providers.policies().size());
        assertThat(advice.get("recommended").getAsString())
                .startsWith(
                        candidates.getFirst().getAsJsonObject().get("policy").getAsString());
        assertThat(candidates)
                .allSatisfy(candidate -> assertThat(candidate
                                .getAsJsonObject()
                                .get("fencesPerOperation")
                                .getAsDouble())
                        .isGreaterThanOrEqualTo(1));
        assertThat(usedPerAsked(candidates.getFirst()))
                .as("the first takes the least memory, or as good as that")
                .isLessThan(1.011
                        * candidates.stream()
                                .mapToDouble(AdviseTest::usedPerAsked)
                                .min()
                                .orElseThrow());
    }

    @Test
    void advise_shows_a_table_and_a_sentence_for_each_preference() {
        CommandRun run = CommandRun.of("advise", trace, "--durability", "volatile");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
        assertThat(run.out())
                .contains(
                        "policy",
                        "ns/op",
                        "recommended: ",
                        "if speed matters: ",
                        "if space matters: ",
                        "durability: volatile");
    }

    @Test
    void advise_refuses_a_malformed_trace() throws IOException {
        Path malformed = Files.writeString(directory.resolve("malformed.trace"), "x 1 2 3\n");
        CommandRun.of("advise", malformed).refused(ExitCode.FAILED, "malformed.trace", "line=1");
    }

    private static double usedPerAsked(JsonElement candidate) {
        return candidate.getAsJsonObject().get("usedPerAsked").getAsDouble();
    }

    private static Set<String> policies(List<JsonElement> candidates) {
        return candidates.stream()
                .map(candidate -> candidate.getAsJsonObject().get("policy").getAsString())
                .collect(Collectors.toSet());
    }
}
