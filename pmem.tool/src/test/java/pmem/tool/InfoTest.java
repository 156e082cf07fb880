package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;
import pmem.tool.common.ExitCode;

class InfoTest {
    @TempDir
    private Path directory;

    private static Iterable<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    private Path pool(String policy) {
        Path path = directory.resolve(policy + ".pool");
        try (Pool pool = Pool.open(path, PoolOptions.createNew(Size.mib(8)).policy(policy))) {
            pool.setRoot("customers", pool.allocate(100));
            pool.allocate(Size.kib(200));
        }
        return path;
    }

    @ParameterizedTest
    @MethodSource("policies")
    void shows_policy_figures_recovery_and_roots(String policy) {
        CommandRun run = CommandRun.of("info", pool(policy));

        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.out())
                .contains("policy      " + policy)
                .contains("survives: process kill yes")
                .contains("clean:")
                .contains("live blocks 2")
                .contains("customers  0x")
                .contains("verification: nothing wrong")
                .contains("\u2588");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void gives_the_same_facts_as_json() {
        JsonObject json = CommandRun.of("info", pool("buddy"), "--json").json();

        assertThat(json.keySet()).contains("pool", "policy", "durability", "recovery", "stats", "roots", "findings");
        assertThat(json.getAsJsonObject("recovery").get("state").getAsString()).isEqualTo("CLEAN");
        assertThat(json.getAsJsonObject("stats").get("liveBlocks").getAsLong()).isEqualTo(2);
        assertThat(json.getAsJsonObject("stats").get("capacityBytes").getAsLong())
                .isEqualTo(Size.mib(8));
        assertThat(json.getAsJsonObject("roots").get("customers").getAsString()).startsWith("0x");
        assertThat(json.getAsJsonArray("findings")).isEmpty();
    }

    @Test
    void changes_no_block() throws IOException {
        Path path = pool("buddy");
        CommandRun.of("info", path);

        try (Pool pool = Pool.open(path, PoolOptions.open())) {
            assertThat(pool.root("customers")).isNotEqualTo(Handles.NONE);
            assertThat(pool.isLive(pool.root("customers"))).isTrue();
        }
    }

    @Test
    void refuses_a_file_that_is_not_there() {
        Path missing = directory.resolve("missing.pool");

        CommandRun.of("info", missing).refused(ExitCode.FAILED, "pmem info: ", missing.toString());
        assertThat(missing).doesNotExist();
    }

    @Test
    void refuses_a_directory() {
        CommandRun.of("info", directory).refused(ExitCode.FAILED, directory.toString(), "directory");
    }

    @Test
    void refuses_a_text_file_and_leaves_it_alone() throws IOException {
        Path text = Files.writeString(directory.resolve("letter.txt"), "Dear Sir or Madam,\n");

        CommandRun.of("info", text).refused(ExitCode.FAILED, "not a pool", text.toString());
        assertThat(text).hasContent("Dear Sir or Madam,\n");
    }

    @Test
    void refuses_a_text_file_of_a_size_a_pool_could_have() throws IOException {
        Path text = Files.writeString(directory.resolve("book.txt"), "x".repeat((int) Size.mib(2)));

        CommandRun.of("info", text).refused(ExitCode.FAILED, "not a pool", text.toString());
    }

    @Test
    void refuses_a_pool_of_a_newer_version() throws IOException {
        Path path = pool("buddy");
        setVersion(path, 99);

        CommandRun.of("info", path).refused(ExitCode.FAILED, path.toString(), "99");
    }

    // The format version is the second word of both superblock copies, at 0 and 4096.
    private static void setVersion(Path path, long version) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(word.putLong(0, version).rewind(), 8);
            channel.write(word.rewind(), 4096 + 8);
        }
    }

    @Test
    void refuses_a_pool_that_is_open_and_names_the_holder() {
        Path path = pool("buddy");
        try (Pool pool = Pool.open(path, PoolOptions.open())) {
            assertThat(pool.stats().liveBlocks()).isEqualTo(2);

            CommandRun.of("info", path)
                    .refused(
                            ExitCode.FAILED,
                            path.toString(),
                            Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void a_refusal_is_an_object_too_if_json_was_asked_for() {
        CommandRun run = CommandRun.of("info", directory.resolve("missing.pool"), "--json");

        assertThat(run.refused(ExitCode.FAILED, "missing.pool"))
                .contains(run.json().get("error").getAsString());
    }
}
