package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.bench.measure.WorkloadKind;
import pmem.tool.common.ExitCode;

class BenchTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path out;

    @Test
    void bench_writes_rows_with_every_field_and_a_report_that_needs_no_network() throws IOException {
        CommandRun run = CommandRun.of(
                "bench", "--policy", "buddy", "--only", "batch-32", "--only", "floor", "--only", "wear", "--out", out);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
        assertThat(run.out()).contains("pmem buddy", "report: ");
        assertThat(run.err()).contains("workloads: 0 %");
        JsonObject results = new Gson().fromJson(Files.readString(out.resolve("results.json")), JsonObject.class);
        assertThat(results.keySet()).containsExactly("machine", "jdk", "commit", "command", "results");
        assertThat(results.get("command").getAsString()).startsWith("pmem bench --policy buddy --only batch-32");
        checkRows(results);
        assertThat(Files.readAllLines(out.resolve("results.csv"))).hasSize(1 + 5);
        assertThat(Files.readAllLines(out.resolve("wear.csv"))).hasSize(1 + 3);
        assertThat(Files.readString(out.resolve("report.md"))).contains("| pmem buddy |", "### Wear");
        checkPage(Files.readString(out.resolve("report.html")));
    }

    private static void checkRows(JsonObject results) {
        List<JsonElement> rows = results.getAsJsonArray("results").asList();
        assertThat(rows).hasSize(5).allSatisfy(row -> {
            assertThat(row.getAsJsonObject().keySet())
                    .containsExactly(
                            "workload",
                            "allocator",
                            "policy",
                            "domain",
                            "blockBytes",
                            "threads",
                            "nsPerOperation",
                            "error",
                            "linesPerOperation",
                            "fencesPerOperation");
            assertThat(row.getAsJsonObject().get("nsPerOperation").getAsDouble())
                    .isPositive();
        });
        assertThat(rows)
                .extracting(row -> row.getAsJsonObject().get("workload").getAsString() + " "
                        + row.getAsJsonObject().get("domain").getAsString() + " "
                        + row.getAsJsonObject().get("blockBytes").getAsLong())
                .containsExactly(
                        "floor forced-cache-line 64",
                        "floor forced-cache-line 1048576",
                        "floor forced-cache-line 1073741824",
                        "batch-32 forced-cache-line 64",
                        "batch-32 volatile 64");
        assertThat(rows.get(3).getAsJsonObject().get("fencesPerOperation").getAsDouble())
                .as("fences of a block in a batch of 32")
                .isBetween(0.02, 0.1);
    }

    private static void checkPage(String page) {
        assertThat(page)
                .startsWith("<!DOCTYPE html>")
                .contains("<svg", "pmem buddy", "Wear")
                .endsWith("</html>\n");
        String withoutNames = page.replaceAll("xmlns(:xlink)?=\"[^\"]*\"", "");
        assertThat(withoutNames)
                .as("the page loads nothing")
                .doesNotContain("http:", "https:", "src=", "<link", "<script");
    }

    @Test
    void bench_refuses_a_name_it_does_not_know_before_it_runs() {
        CommandRun.of("bench", "--only", "nonsense", "--out", out.resolve("never"))
                .refused(ExitCode.USAGE, "unknown name", "bulk-random", "found=nonsense");
        CommandRun.of("bench", "--policy", "nonsense", "--out", out.resolve("never"))
                .refused(ExitCode.USAGE, "unknown policy", "found=nonsense");
        assertThat(out.resolve("never")).doesNotExist();
    }

    @Test
    void bench_refuses_quick_and_full_at_once() {
        CommandRun.of("bench", "--quick", "--full").refused(ExitCode.USAGE, "--quick", "--full");
    }

    @Test
    void fragmentation_of_a_trace_ends_with_the_bytes_that_are_live() throws IOException {
        Path trace = Files.writeString(out.resolve("small.trace"), "a 1 100000 0\na 2 100000 0\nf 1 0\n");
        CommandRun run =
                CommandRun.of("bench", "--policy", "bitmap", "--only", "fragmentation", "--trace", trace, "--out", out);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
        List<String> rows = Files.readAllLines(out.resolve("fragmentation.csv"));
        assertThat(rows).hasSize(1 + 3).first().isEqualTo("trace,policy,percentOfTrace,usedBytes");
        long both = usedBytes(rows.get(2));
        long one = usedBytes(rows.get(3));
        assertThat(both - one).as("bytes given back by the free").isBetween(100_000L, 110_000L);
    }

    @Test
    void the_commands_and_names_in_the_documentation_are_understood() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..", "docs", "benchmarks.md"));
        List<String> commands = lines.stream()
                .map(String::strip)
                .filter(line -> line.startsWith("./pmem bench") || line.startsWith("./pmem advise"))
                .map(line -> line.replaceFirst("&&.*", "")
                        .substring("./pmem ".length())
                        .strip())
                .toList();
        assertThat(commands).hasSizeGreaterThan(3).allSatisfy(command -> {
            CommandRun run = CommandRun.of((Object[]) (command + " --help").split(" "));
            assertThat(run.exitCode()).as(command + ": " + run.err()).isEqualTo(ExitCode.OK);
        });
        String names = CommandRun.of("bench", "--help").out();
        String text = String.join("\n", lines);
        for (WorkloadKind kind : WorkloadKind.values()) {
            assertThat(names).contains(kind.id());
            assertThat(text).as("documented workloads").contains('`' + kind.id() + '`');
        }
    }

    @Test
    void frames_are_measured_on_the_threads_and_the_memory_asked_for() throws IOException {
        CommandRun run = CommandRun.of(
                "bench", "--policy", "segregated", "--only", "frames", "-t", "2", "-m", "16M", "--out", out);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
        List<String> rows = Files.readAllLines(out.resolve("frames.csv"));
        assertThat(rows.getFirst())
                .startsWith("bench,allocator,policy,domain,threads,x,iteration,frames,allocateMinNs,allocateAvgNs,");
        assertThat(rows)
                .filteredOn(row -> row.startsWith("bulk,"))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row).contains(",2,2,").contains(",2048,"));
        assertThat(rows)
                .filteredOn(row -> row.startsWith("fragmentation,"))
                .as("before the first of 20 rounds and after each")
                .hasSize(21);
    }

    @Test
    void bench_refuses_threads_and_memory_that_are_out_of_range() {
        CommandRun.of("bench", "-t", "0").refused(ExitCode.USAGE, "--threads", "found=[0]");
        CommandRun.of("bench", "-m", "1K").refused(ExitCode.USAGE, "--memory", "found=1K");
    }

    private static long usedBytes(String row) {
        return Long.parseLong(row.substring(row.lastIndexOf(',') + 1));
    }
}
