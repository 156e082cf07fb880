package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.spi.Providers;
import pmem.spi.RegionProvider;
import pmem.tool.common.ExitCode;

class DoctorTest {
    @TempDir
    private Path directory;

    private static List<String> texts(JsonArray array, String member) {
        List<String> texts = new ArrayList<>();
        for (JsonElement element : array) {
            texts.add(element.getAsJsonObject().get(member).getAsString());
        }
        return texts;
    }

    @Test
    void says_what_a_pool_would_survive_and_measures_it() {
        CommandRun run = CommandRun.of("doctor", directory);

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.err()).isEmpty();
        String strongest = Providers.only(RegionProvider.class)
                .domains(directory)
                .iterator()
                .next()
                .id();
        assertThat(run.out())
                .contains("A pool here would be " + strongest, "process kill yes")
                .contains("file system", "free space", "write-back of lines", "NUMA nodes", "huge pages", "JDK")
                .contains("write-back and fence of one line", "fence alone");
    }

    @Test
    void leaves_nothing_behind_and_changes_no_file() throws IOException {
        Path pool = Files.write(directory.resolve("a.pool"), new byte[4096]);

        assertThat(CommandRun.of("doctor", pool).exitCode()).isEqualTo(ExitCode.OK);
        assertThat(directory).isDirectoryNotContaining(file -> !file.equals(pool));
        assertThat(Files.readAllBytes(pool)).isEqualTo(new byte[4096]);
    }

    @Test
    void json_has_facts_domains_and_costs() {
        JsonObject json = CommandRun.of("doctor", directory, "--json").json();

        assertThat(json.keySet()).containsExactly("path", "domains", "facts", "costs");
        assertThat(texts(json.getAsJsonArray("facts"), "name")).contains("access", "JDK", "NUMA nodes");
        assertThat(texts(json.getAsJsonArray("costs"), "domain")).contains("forced-cache-line");
        for (JsonElement cost : json.getAsJsonArray("costs")) {
            assertThat(cost.getAsJsonObject().get("nanos").getAsDouble()).isPositive();
        }
    }

    @Test
    void a_place_where_no_pool_can_be_is_a_failure_with_a_remedy() {
        CommandRun run = CommandRun.of("doctor", "/dev/null");

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.out()).contains("No pool can be here", "What could be done", "/dev/daxX.Y");
        assertThat(CommandRun.of("doctor", directory.resolve("no/such/place")).exitCode())
                .isEqualTo(ExitCode.FAILED);
    }
}
