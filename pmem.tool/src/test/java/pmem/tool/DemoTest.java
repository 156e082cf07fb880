package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.spi.Providers;
import pmem.tool.common.ExitCode;
import pmem.tool.trace.TraceFiles;

class DemoTest {
    @TempDir
    private Path directory;

    @Test
    void three_kills_on_the_bundled_trace_lose_and_leak_nothing() {
        Path path = directory.resolve("demo.pool");
        CommandRun run = CommandRun.of("demo", "--policy", "buddy", "--kills", 3, "--seed", 5, "--pool", path);

        assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(ExitCode.OK);
        assertThat(run.out())
                .contains("kill 1 after ", "kill 2 after ", "kill 3 after ")
                .contains("crashed: ")
                .contains("all right")
                .doesNotContain("FAULT")
                .contains("What it does not show")
                .contains("\u2588")
                .contains("repeat with: ./pmem demo --policy buddy --kills 3 --seed 5 --threads 2");
        assertThat(run.err()).contains("3 of 3 kills");
        try (Pool pool = Pool.open(path, PoolOptions.open())) {
            assertThat(pool.verify()).isEmpty();
        }
    }

    @Test
    void every_policy_survives_a_kill_and_says_so_in_json() throws Exception {
        Path trace = TraceFiles.write(
                directory, "small.trace", "a 0 5 1", "a 1 3000 1", "r 0 40 1", "a 2 70000 1", "f 1 1", "r 2 90000 1");
        CommandRun run = CommandRun.of("demo", "--kills", 1, "--trace", trace, "--threads", 3, "--seed", 9, "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
        JsonObject json = run.json();
        assertThat(json.get("seed").getAsInt()).isEqualTo(9);
        assertThat(json.get("trace").getAsString()).isEqualTo("small.trace");
        assertThat(json.getAsJsonArray("results")).hasSameSizeAs(Providers.policies());
        for (JsonElement element : json.getAsJsonArray("results")) {
            JsonObject result = element.getAsJsonObject();
            assertThat(result.keySet())
                    .contains(
                            "policy",
                            "kills",
                            "acknowledged",
                            "undecided",
                            "lost",
                            "leaked",
                            "overlaps",
                            "recoveryMillisMax");
            assertThat(result.get("kills").getAsInt()).isEqualTo(1);
            assertThat(result.get("acknowledged").getAsLong()).isPositive();
            assertThat(result.get("undecided").getAsInt()).isBetween(1, 3);
            assertThat(result.get("lost").getAsInt()).isZero();
            assertThat(result.get("leaked").getAsInt()).isZero();
            assertThat(result.get("overlaps").getAsInt()).isZero();
            assertThat(result.get("contentErrors").getAsInt()).isZero();
            assertThat(result.get("verifyFindings").getAsInt()).isZero();
            assertThat(result.get("statisticsMismatches").getAsInt()).isZero();
        }
    }

    @Test
    void a_pool_that_exists_is_refused_by_the_child_and_the_reason_reaches_the_user() throws Exception {
        Path path = TraceFiles.write(directory, "letter.txt", "Dear Sir or Madam,");
        CommandRun run = CommandRun.of("demo", "--policy", "buddy", "--kills", 1, "--pool", path);

        run.refused(ExitCode.FAILED, path.toString());
        assertThat(path).hasContent("Dear Sir or Madam,");
    }

    @Test
    void a_malformed_trace_is_refused() throws Exception {
        Path trace = TraceFiles.write(directory, "bad.trace", "f 0 1");

        CommandRun.of("demo", "--trace", trace).refused(ExitCode.FAILED, "line=1", "file=" + trace);
    }
}
