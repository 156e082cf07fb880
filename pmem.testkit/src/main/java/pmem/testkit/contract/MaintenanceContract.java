package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import pmem.api.CheckReport;
import pmem.api.Finding;
import pmem.api.Pool;
import pmem.api.PoolOpenException;
import pmem.api.PoolOptions;
import pmem.api.RecoveryReport;
import pmem.api.RepairItem;
import pmem.api.RepairOptions;
import pmem.api.RepairReport;

/** {@link Pool#check}, {@link Pool#repair} and {@link Pool#undoRepair} of whole files. */
@OnEveryFileDomain
public abstract class MaintenanceContract extends ContractTest {
    private static final long SPARSE_BYTES = 1L << 40;

    /** For JUnit. */
    protected MaintenanceContract() {}

    private Path closedPool() {
        Pool pool = newPool();
        long[] handles = pool.allocateAll(64, 500, 5000, 200_000);
        pool.setRoot("first", handles[0]);
        pool.setRoot("last", handles[3]);
        Path path = home().path(pool);
        pool.close();
        return path;
    }

    private Path crashedPool() {
        Pool pool = newPool();
        pool.setRoot("first", pool.allocate(64));
        pool.allocateAll(500, 5000, 200_000);
        return home().copyOf(pool);
    }

    private static CheckReport checkedUnchanged(Path path) {
        byte[] before = bytes(path);
        CheckReport report = Pool.check(path);
        assertThat(Arrays.equals(bytes(path), before))
                .as("every byte of the file is as before the check")
                .isTrue();
        return report;
    }

    private static byte[] bytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void overwrite(Path path, long offset, int bytes, int value) {
        byte[] content = new byte[bytes];
        Arrays.fill(content, (byte) value);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(content), offset);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void a_closed_pool_is_clean_and_the_check_changes_no_byte() {
        CheckReport report = checkedUnchanged(closedPool());
        assertThat(report.state()).isEqualTo(CheckReport.State.CLEAN);
        assertThat(report.findings()).isEmpty();
        assertThat(report.recovery().orElseThrow().liveBlocks()).isEqualTo(4);
        assertThat(report.parts()).isNotEmpty();
    }

    @Test
    void a_crashed_pool_is_said_to_be_recovered_and_the_check_changes_no_byte() {
        Path path = crashedPool();
        CheckReport report = checkedUnchanged(path);
        assertThat(report.state()).isEqualTo(CheckReport.State.CRASHED);
        assertThat(report.findings()).isEmpty();
        RecoveryReport foretold = report.recovery().orElseThrow();
        RecoveryReport found = home().open(path).recovery();
        assertThat(found.state()).isEqualTo(foretold.state()).isEqualTo(RecoveryReport.State.CRASHED);
        assertThat(found.liveBlocks()).isEqualTo(foretold.liveBlocks()).isEqualTo(4);
        assertThat(found.operationsRolledBack()).isEqualTo(foretold.operationsRolledBack());
    }

    @Test
    void a_pool_that_is_open_can_be_neither_checked_nor_repaired() {
        Path path = home().path(newPool());
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> Pool.check(path),
                () -> Pool.repair(path, RepairOptions.planOnly()),
                () -> Pool.repair(path, RepairOptions.apply()))) {
            assertThatThrownBy(call)
                    .asInstanceOf(type(PoolOpenException.class))
                    .extracting(PoolOpenException::reason)
                    .isEqualTo(PoolOpenException.Reason.LOCKED);
        }
    }

    @Test
    void a_file_that_is_no_pool_is_refused_and_cannot_be_repaired() throws IOException {
        Path text = Files.writeString(home().newPath(), "something else ".repeat(10_000));
        CheckReport report = checkedUnchanged(text);
        assertThat(report.state()).isEqualTo(CheckReport.State.REFUSED);
        assertThat(report.refusal()).contains(PoolOpenException.Reason.NOT_A_POOL);
        RepairReport repair = Pool.repair(text, RepairOptions.apply());
        assertThat(repair.outcome()).isEqualTo(RepairReport.Outcome.IMPOSSIBLE);
        assertThat(text).content().startsWith("something else ");
    }

    @Test
    void a_cut_off_pool_is_truncated_whatever_its_length() throws IOException {
        Path path = closedPool();
        long whole = Files.size(path);
        for (long length : new long[] {whole - 1, whole - 4096, whole / 2 + 17, 8192, 4096, 4097}) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(length);
            }
            CheckReport report = checkedUnchanged(path);
            assertThat(report.refusal()).as("length %d", length).contains(PoolOpenException.Reason.TRUNCATED);
            assertThatThrownBy(() -> Pool.open(path, PoolOptions.open()))
                    .asInstanceOf(type(PoolOpenException.class))
                    .extracting(PoolOpenException::reason)
                    .isEqualTo(PoolOpenException.Reason.TRUNCATED);
        }
    }

    @Test
    void a_longer_file_opens_with_a_note() throws IOException {
        Path path = closedPool();
        overwrite(path, Files.size(path), 10_000, 0x55);
        assertThat(checkedUnchanged(path).isSound()).isTrue();
        Pool pool = home().open(path);
        assertThat(pool.recovery().notes()).anyMatch(note -> note.contains("larger than the pool"));
        assertThat(pool.roots()).hasSize(2);
    }

    @Test
    void nothing_is_repaired_where_nothing_is_wrong() {
        Path path = crashedPool();
        byte[] before = bytes(path);
        RepairReport report = Pool.repair(path, RepairOptions.apply());
        assertThat(report.outcome()).isEqualTo(RepairReport.Outcome.NOT_NEEDED);
        assertThat(report.backup()).isEmpty();
        assertThat(Arrays.equals(bytes(path), before)).isTrue();
    }

    @Test
    void a_root_without_a_block_is_a_warning_until_it_is_repaired() {
        Pool pool = newPool();
        long freed = pool.allocate(64);
        pool.setRoot("gone", freed);
        pool.setRoot("there", pool.allocate(64));
        pool.free(freed);
        assertThat(pool.verify()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
            assertThat(finding.code()).isEqualTo(Finding.DANGLING_ROOT);
            assertThat(finding.found()).contains("\"gone\"");
        });
        Path path = home().path(pool);
        pool.close();
        RepairReport report = Pool.repair(path, RepairOptions.apply());
        assertThat(report.items())
                .singleElement()
                .satisfies(item -> assertThat(item.action()).isEqualTo(RepairItem.Action.DROPPED));
        assertThat(home().open(path).roots().keySet()).containsExactly("there");
    }

    @Test
    void a_dry_run_changes_no_byte_and_a_repair_does_what_it_said() {
        Path path = damagedPool();
        byte[] damaged = bytes(path);
        RepairReport planned = Pool.repair(path, RepairOptions.planOnly());
        assertThat(planned.outcome()).isEqualTo(RepairReport.Outcome.PLANNED);
        assertThat(planned.backup()).isEmpty();
        assertThat(Arrays.equals(bytes(path), damaged)).isTrue();

        RepairReport repaired = Pool.repair(path, RepairOptions.apply());
        assertThat(repaired.outcome()).isEqualTo(RepairReport.Outcome.REPAIRED);
        assertThat(repaired.items()).isEqualTo(planned.items()).isNotEmpty();
        assertThat(repaired.after().isSound()).isTrue();
        Pool pool = home().open(path);
        Blocks.assertWhole(pool);
        assertThat(pool.verify()).isEmpty();
        assertThat(Blocks.walk(pool)).hasSize(4);
        assertThat(pool.roots().keySet()).contains("last");
    }

    @Test
    void undoing_a_repair_puts_every_byte_back() throws IOException {
        Path path = damagedPool();
        byte[] damaged = bytes(path);
        Path backup = Pool.repair(path, RepairOptions.apply()).backup().orElseThrow();
        assertThat(backup.getParent()).isEqualTo(path.getParent());
        assertThat(backup.getFileName().toString())
                .startsWith(path.getFileName() + ".repair-")
                .endsWith(".backup");
        assertThat(Files.readAllLines(backup)).first().asString().contains("repair backup");
        assertThat(Arrays.equals(bytes(path), damaged)).isFalse();
        Pool.undoRepair(path, backup);
        assertThat(Arrays.equals(bytes(path), damaged)).isTrue();
    }

    @Test
    void a_backup_that_is_damaged_or_of_another_pool_is_refused() throws IOException {
        Path path = damagedPool();
        Path backup = Pool.repair(path, RepairOptions.apply()).backup().orElseThrow();
        Path other = closedPool();
        byte[] before = bytes(other);
        assertThatThrownBy(() -> Pool.undoRepair(other, backup)).isInstanceOf(PoolOpenException.class);
        assertThat(Arrays.equals(bytes(other), before)).isTrue();
        Files.writeString(backup, "0000000000000000 0000000000000001\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> Pool.undoRepair(path, backup)).isInstanceOf(PoolOpenException.class);
    }

    @Test
    void a_backup_does_not_overwrite_a_file() throws IOException {
        Path path = damagedPool();
        byte[] damaged = bytes(path);
        Path taken = Files.writeString(home().newPath(), "mine");
        assertThatThrownBy(() -> Pool.repair(path, RepairOptions.apply().backup(taken)))
                .isInstanceOf(PoolOpenException.class)
                .hasMessageContaining(taken.toString());
        assertThat(taken).hasContent("mine");
        assertThat(Arrays.equals(bytes(path), damaged)).isTrue();
    }

    @Test
    void a_closed_pool_that_lost_a_block_says_so() {
        Path path = closedPool();
        CheckReport sound = Pool.check(path);
        Map<Long, Long> before;
        try (Pool pool = Pool.open(path, PoolOptions.open())) {
            before = Blocks.walk(pool);
        }
        byte[] closed = bytes(path);
        long last = before.keySet().stream().reduce((a, b) -> b).orElseThrow();
        Path freed = home().newPath();
        writeAll(freed, closed);
        try (Pool pool = Pool.open(freed, PoolOptions.open())) {
            pool.free(last);
        }
        // The policy's part of the pool without the block, the rest from the pool that has it.
        long space = sound.parts().getLast().offset();
        byte[] mixed = closed.clone();
        byte[] without = bytes(freed);
        System.arraycopy(without, (int) space, mixed, (int) space, (int) (mixed.length - space));
        writeAll(path, mixed);

        CheckReport report = checkedUnchanged(path);
        assertThat(report.findings()).anyMatch(finding -> finding.code().equals("figures.since-close"));
        try (Pool pool = Pool.open(path, PoolOptions.open())) {
            assertThat(pool.recovery().notes())
                    .anyMatch(note -> note.contains("as when the pool was closed, blocks=4"));
        }
        assertThat(Pool.check(path).findings())
                .as("after it was opened and closed again")
                .noneMatch(finding -> finding.code().equals("figures.since-close"));
    }

    // Larger than any file system the tests run on, so that filling it up would fail.
    @Test
    void a_sparse_pool_stays_sparse_when_it_is_checked_repaired_and_put_back() {
        Pool pool = home().open(home().newPath(), setting.options(SPARSE_BYTES).preallocate(false));
        pool.setRoot("first", pool.allocate(500));
        Path path = home().path(pool);
        pool.close();
        overwrite(path, 4096 + 100, 50, 0xe7);
        assertThat(Pool.check(path).findings()).hasSize(1);
        RepairReport report = Pool.repair(path, RepairOptions.apply());
        assertThat(report.outcome()).as(report.toString()).isEqualTo(RepairReport.Outcome.REPAIRED);
        Pool.undoRepair(path, report.backup().orElseThrow());
        assertThat(Pool.check(path).findings()).hasSize(1);
        Pool opened = home().open(path);
        assertThat(opened.isLive(opened.root("first"))).isTrue();
        opened.close();
    }

    private static void writeAll(Path path, byte[] content) {
        try {
            Files.write(path, content);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A closed pool one of whose superblock copies is damaged. */
    private Path damagedPool() {
        Path path = closedPool();
        overwrite(path, 4096 + 100, 50, 0xe7);
        return path;
    }
}
