package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolOpenException;
import pmem.api.PoolOptions;
import pmem.api.RecoveryReport;

/** What {@link Pool#open} accepts and refuses, and that a refusal changes nothing. */
@OnEveryFileDomain
public abstract class OpenContract extends ContractTest {
    /** For JUnit. */
    protected OpenContract() {}

    @Test
    void a_new_pool_is_fresh_empty_and_says_what_it_is() {
        Pool pool = newPool();
        assertThat(pool.recovery().state()).isEqualTo(RecoveryReport.State.FRESH);
        assertThat(pool.recovery().liveBlocks()).isZero();
        assertThat(pool.durability().domain()).isEqualTo(setting.domain());
        assertThat(pool.policy()).startsWith(setting.policy());
        setting.parameters().forEach((name, value) -> assertThat(pool.policy()).contains(name + "=" + value));
        assertThat(pool.stats().capacityBytes())
                .isGreaterThanOrEqualTo(options().capacityBytes());
        assertThat(pool.roots()).isEmpty();
        Blocks.assertStatistics(pool, 0, 0);
    }

    @Test
    @Tag(ContractTest.FILES)
    void a_path_without_a_file_is_not_found_unless_creation_is_asked_for() {
        Path path = home().newPath();
        assertRefused(path, PoolOptions.open(), PoolOpenException.Reason.NOT_FOUND);
        assertThat(path).doesNotExist();
        PoolOptions create = PoolOptions.create(options().capacityBytes()).policy(setting.policy());
        Pool pool = home().open(path, create);
        long handle = pool.allocate(64);
        pool.close();
        assertThat(home().open(path, create).isLive(handle)).isTrue();
    }

    @Test
    void an_existing_pool_is_not_created_anew() {
        Pool pool = newPool();
        pool.close();
        assertRefused(home().path(pool), options(), PoolOpenException.Reason.EXISTS);
    }

    // "Another process, or this one, has the pool open."
    @Test
    void a_pool_that_is_open_is_locked_and_free_again_after_close() {
        Pool pool = newPool();
        Path path = home().path(pool);
        assertRefused(path, PoolOptions.open(), PoolOpenException.Reason.LOCKED);
        pool.free(pool.allocate(64));
        pool.close();
        home().open(path);
    }

    @Test
    @Tag(ContractTest.FILES)
    void things_that_are_no_pools_are_refused_by_what_they_are() throws IOException {
        Path directory = Files.createDirectory(home().newPath());
        assertRefused(directory, PoolOptions.open(), PoolOpenException.Reason.NOT_A_FILE);
        Path text = Files.writeString(home().newPath(), "something else".repeat(400_000));
        assertRefused(text, PoolOptions.open(), PoolOpenException.Reason.NOT_A_POOL);
        assertThat(text).hasSize(14L * 400_000);
    }

    // "The file is shorter than its superblock says."
    @Test
    @Tag(ContractTest.FILES)
    void a_shortened_file_is_truncated() throws IOException {
        Pool pool = newPool();
        pool.close();
        Path path = home().path(pool);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
        assertRefused(path, PoolOptions.open(), PoolOpenException.Reason.TRUNCATED);
    }

    // "When an existing pool is opened, stated values must agree with the recorded ones"
    @Test
    void stated_values_that_contradict_the_recorded_ones_are_refused_and_equal_ones_accepted() {
        Pool pool = newPool();
        long handle = pool.allocate(64);
        pool.close();
        Path path = home().path(pool);
        assertThatThrownBy(() -> Pool.open(path, PoolOptions.open().policy("no-such-policy")))
                .isInstanceOf(PoolOpenException.class);
        assertRefused(
                path, PoolOptions.create(2 * options().capacityBytes()), PoolOpenException.Reason.OPTIONS_MISMATCH);
        PoolOptions same = PoolOptions.create(options().capacityBytes()).policy(setting.policy());
        assertThat(home().open(path, same).isLive(handle)).isTrue();
    }

    @Test
    @Tag(ContractTest.FILES)
    void a_policy_that_is_not_there_and_a_parameter_it_does_not_have_leave_no_file() {
        Path path = home().newPath();
        long capacityBytes = options().capacityBytes();
        assertRefused(
                path,
                PoolOptions.createNew(capacityBytes).policy("no-such-policy"),
                PoolOpenException.Reason.NO_PROVIDER);
        assertInvalidArgument(() -> Pool.open(path, options().policyParameter("noSuchParameter", 1)));
        assertThat(path).doesNotExist();
    }

    // "The asked capacity cannot hold the metadata and one block."
    @Test
    @Tag(ContractTest.FILES)
    void a_capacity_that_cannot_hold_metadata_and_a_block_leaves_no_file() {
        Path path = home().newPath();
        PoolOptions tooSmall = PoolOptions.createNew(1)
                .policy(setting.policy())
                .lanes(PoolOptions.LANES_MAX)
                .laneEntries(PoolOptions.LANE_ENTRIES_MAX);
        assertRefused(path, tooSmall, PoolOpenException.Reason.TOO_SMALL);
        assertThat(path).doesNotExist();
    }

    // "The durability domain asked for is not available there."
    @Test
    @Tag(ContractTest.FILES)
    void a_domain_the_path_does_not_offer_is_refused() {
        Path path = home().newPath();
        assertRefused(
                path, options().durability(DurabilityDomain.VOLATILE), PoolOpenException.Reason.DURABILITY_UNAVAILABLE);
        assertThat(path).doesNotExist();
    }

    @Test
    void a_volatile_pool_without_capacity_is_a_wrong_argument() {
        assertInvalidArgument(() -> Pool.openVolatile(PoolOptions.open().policy(setting.policy())));
    }

    // "Nothing on media has changed"
    private static void assertRefused(Path path, PoolOptions options, PoolOpenException.Reason reason) {
        byte[] before = bytesOf(path);
        assertThatThrownBy(() -> Pool.open(path, options))
                .asInstanceOf(type(PoolOpenException.class))
                .extracting(PoolOpenException::reason)
                .isEqualTo(reason);
        assertThat(Arrays.equals(bytesOf(path), before))
                .as("media unchanged by the refusal")
                .isTrue();
    }

    private static byte[] bytesOf(Path path) {
        try {
            return Files.isRegularFile(path) ? Files.readAllBytes(path) : new byte[0];
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
