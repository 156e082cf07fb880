package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;
import pmem.tool.common.ExitCode;

class CheckAndRepairTest {
    @TempDir
    private Path directory;

    private static Iterable<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    private Path pool(String policy) {
        Path path = directory.resolve(policy + ".pool");
        try (Pool pool = Pool.open(path, PoolOptions.createNew(Size.mib(4)).policy(policy))) {
            pool.setRoot("customers", pool.allocate(100));
        }
        return path;
    }

    private Path damagedPool(String policy) throws IOException {
        Path path = pool(policy);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[64]), 64);
        }
        return path;
    }

    @ParameterizedTest
    @MethodSource("policies")
    void check_says_that_nothing_is_wrong_and_changes_nothing(String policy) throws IOException {
        Path path = pool(policy);
        byte[] before = Files.readAllBytes(path);
        CommandRun run = CommandRun.of("check", path);
        assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(run.out()).contains("state     CLEAN", "nothing is wrong", "policy space [0x");
        assertThat(run.err()).isEmpty();
        assertThat(Files.readAllBytes(path)).isEqualTo(before);
    }

    @Test
    void check_looks_beside_a_writer_when_it_is_told_to_and_only_then() {
        Path path = directory.resolve("open.pool");
        try (Pool pool = Pool.open(path, PoolOptions.create(4 << 20))) {
            long handle = pool.allocate(100);
            CommandRun.of("check", path).refused(ExitCode.FAILED, "pool is open already", "holder=this process");
            CommandRun run = CommandRun.of("check", path, "--beside-writer");
            assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
            assertThat(run.out()).contains("state     CRASHED", "1 live blocks");
            pool.free(handle);
        }
        assertThat(CommandRun.of("check", path).out()).contains("state     CLEAN");
    }

    @Test
    void check_gives_its_findings_as_json() throws IOException {
        CommandRun run = CommandRun.of("check", damagedPool("buddy"), "--json");
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        JsonObject json = run.json();
        assertThat(json.get("state").getAsString()).isEqualTo("DAMAGED");
        assertThat(json.get("opens").getAsBoolean()).isTrue();
        JsonObject finding = json.getAsJsonArray("findings").get(0).getAsJsonObject();
        assertThat(finding.keySet()).containsExactly("severity", "code", "place", "offset", "expected", "found");
        assertThat(finding.get("code").getAsString()).isEqualTo("superblock.copy");
        assertThat(finding.get("offset").getAsString()).isEqualTo("0x0");
    }

    @Test
    void check_of_a_text_file_says_why_it_is_refused() throws IOException {
        Path text = Files.writeString(directory.resolve("book.txt"), "x".repeat(10_000));
        JsonObject json = CommandRun.of("check", text, "--json").json();
        assertThat(json.get("state").getAsString()).isEqualTo("REFUSED");
        assertThat(json.get("refusal").getAsString()).isEqualTo("NOT_A_POOL");
    }

    @Test
    void check_of_a_file_that_is_not_there_is_an_error_in_one_line() {
        CommandRun.of("check", directory.resolve("missing.pool"))
                .refused(ExitCode.FAILED, "pmem check: ", "missing.pool");
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_dry_run_plans_what_the_repair_then_does_and_undo_takes_back(String policy) throws IOException {
        Path path = damagedPool(policy);
        byte[] damaged = Files.readAllBytes(path);

        CommandRun planned = CommandRun.of("repair", path, "--dry-run");
        assertThat(planned.exitCode()).isEqualTo(ExitCode.OK);
        assertThat(planned.out()).contains("rewritten  WARNING superblock.copy", "outcome   PLANNED");
        assertThat(Files.readAllBytes(path)).isEqualTo(damaged);

        CommandRun repaired = CommandRun.of("repair", path, "--json");
        assertThat(repaired.exitCode()).isEqualTo(ExitCode.OK);
        JsonObject json = repaired.json();
        assertThat(json.get("outcome").getAsString()).isEqualTo("REPAIRED");
        assertThat(json.getAsJsonArray("items")).hasSize(1);
        assertThat(CommandRun.of("check", path).exitCode()).isEqualTo(ExitCode.OK);

        String backup = json.get("backup").getAsString();
        assertThat(CommandRun.of("repair", path, "--undo", backup).exitCode()).isEqualTo(ExitCode.OK);
        assertThat(Files.readAllBytes(path)).isEqualTo(damaged);
    }

    @Test
    void the_backup_goes_where_the_user_says() throws IOException {
        Path path = damagedPool("bitmap");
        Path backup = directory.resolve("old.txt");
        assertThat(CommandRun.of("repair", path, "--backup", backup).out()).contains("backup    " + backup);
        assertThat(Files.readAllLines(backup)).contains("# to put these words back: pmem repair POOL --undo THIS_FILE");
    }

    @Test
    void a_repair_that_is_impossible_fails_and_says_why() throws IOException {
        Path text = Files.writeString(directory.resolve("book.txt"), "x".repeat(10_000));
        CommandRun run = CommandRun.of("repair", text);
        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(run.out()).contains("outcome   IMPOSSIBLE", "not a pool");
        assertThat(text).hasContent("x".repeat(10_000));
    }

    @Test
    void undo_stands_alone() {
        CommandRun.of("repair", directory.resolve("x"), "--undo", "y", "--dry-run")
                .refused(ExitCode.USAGE, "--undo stands alone");
    }

    @Test
    void a_backup_that_is_none_is_refused() throws IOException {
        Path path = pool("bitmap");
        Path none = Files.write(directory.resolve("none"), List.of("hello"));
        CommandRun.of("repair", path, "--undo", none).refused(ExitCode.FAILED, "backup", none.toString());
    }
}
