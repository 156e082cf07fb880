package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.spi.Providers;
import pmem.tool.common.ExitCode;
import pmem.tool.trace.TraceFiles;

class ReplayTest {
    @TempDir
    private Path directory;

    private Path small() throws IOException {
        return TraceFiles.write(
                directory,
                "small.trace",
                "a 0 1 1",
                "a 1 100 1",
                "a 2 5000 1",
                "r 1 200000 1",
                "r 2 4000 1",
                "f 0 1",
                "a 0 77 1",
                "r 1 10 1");
    }

    @Test
    void replays_on_every_policy_and_finds_every_block() throws IOException {
        Path trace = small();
        CommandRun run = CommandRun.of("replay", trace, trace, "--json", "--size", "16m");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.json().getAsJsonArray("results"))
                .hasSize(2 * Providers.policies().size());
        for (JsonElement element : run.json().getAsJsonArray("results")) {
            JsonObject result = element.getAsJsonObject();
            assertThat(result.keySet())
                    .contains(
                            "policy",
                            "trace",
                            "operations",
                            "nsPerOperation",
                            "peakLiveBytes",
                            "peakUsedBytes",
                            "usedPerLive",
                            "metadataBytes",
                            "linesPerOperation",
                            "fencesPerOperation",
                            "leakedBlocks",
                            "lostBlocks",
                            "durability");
            assertThat(result.get("operations").getAsInt()).isEqualTo(8);
            assertThat(result.get("peakLiveBytes").getAsLong()).isEqualTo(1 + 200_000 + 5000);
            assertThat(result.get("peakUsedBytes").getAsLong()).isGreaterThan(200_000);
            assertThat(result.get("fencesPerOperation").getAsDouble()).isPositive();
            assertThat(result.get("leakedBlocks").getAsInt()).isZero();
            assertThat(result.get("lostBlocks").getAsInt()).isZero();
            assertThat(result.get("contentErrors").getAsInt()).isZero();
            assertThat(result.get("durability").getAsString()).isEqualTo("page-cache-process-kill-safe");
        }
    }

    @Test
    void replays_in_anonymous_memory() throws IOException {
        CommandRun run = CommandRun.of("replay", small(), "--volatile", "--policy", "buddy");

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.out()).contains("small.trace").contains("durability: volatile");
    }

    @Test
    void keeps_a_pool_that_was_asked_for() throws IOException {
        Path path = directory.resolve("kept.pool");
        CommandRun run = CommandRun.of("replay", small(), "--pool", path, "--policy", "buddy", "--size", "16m");

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        try (Pool pool = Pool.open(path, PoolOptions.open())) {
            assertThat(pool.stats().liveBlocks()).isEqualTo(3);
        }
        assertThat(directory.resolve("kept.pool.timed")).doesNotExist();
    }

    @Test
    void refuses_a_pool_that_exists() throws IOException {
        Path path = directory.resolve("kept.pool");
        CommandRun.of("replay", small(), "--pool", path, "--policy", "buddy");

        CommandRun.of("replay", small(), "--pool", path, "--policy", "buddy").refused(ExitCode.FAILED, path.toString());
    }

    @Test
    void refuses_a_trace_that_is_not_there() {
        CommandRun.of("replay", directory.resolve("missing.trace"))
                .refused(ExitCode.FAILED, "trace not found", "missing.trace");
    }

    @Test
    void refuses_a_malformed_trace_with_file_line_and_reason() throws IOException {
        Path trace = TraceFiles.write(directory, "bad.trace", "a 0 8 1", "a 1 eight 1");

        CommandRun.of("replay", trace).refused(ExitCode.FAILED, "file=" + trace, "line=2", "BYTES", "a 1 eight 1");
    }

    @Test
    void refuses_a_trace_that_frees_an_unknown_object() throws IOException {
        Path trace = TraceFiles.write(directory, "bad.trace", "a 0 8 1", "f 7 1");

        CommandRun.of("replay", trace).refused(ExitCode.FAILED, "line=2", "identifier of a live object", "f 7 1");
    }

    @Test
    void refuses_a_size_that_holds_no_pool() throws IOException {
        CommandRun.of("replay", small(), "--size", "1k").refused(ExitCode.FAILED, "too small", "1024");
    }

    @Test
    void says_so_when_the_pool_is_full_before_the_end() throws IOException {
        Path trace = TraceFiles.write(directory, "large.trace", "a 0 8 1", "a 1 100000000 1");

        CommandRun.of("replay", trace, "--size", "4m", "--policy", "buddy")
                .refused(ExitCode.FAILED, "pool is full", "large.trace", "operation=1 of 2", "--size");
    }

    @Test
    void refuses_a_size_the_file_system_has_no_room_for() throws IOException {
        CommandRun.of("replay", small(), "--size", Size.tib(900), "--policy", "buddy")
                .refused(ExitCode.FAILED, "pool=", "neededBytes=" + Size.tib(900));
    }

    @Test
    void leaves_no_pool_behind_after_a_refusal() throws IOException {
        Path path = directory.resolve("never.pool");
        CommandRun.of("replay", small(), "--size", "1k", "--pool", path, "--policy", "buddy")
                .refused(ExitCode.FAILED, "too small");

        assertThat(path).doesNotExist();
    }
}
