package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

class CreatingTest {
    private static final PersistPoint POINT = new PersistPoint("test.point", "Nothing depends on it.");
    private static final long CAPACITY_BYTES = 2 << 20;

    private final MappingProvider provider = new MappingProvider();

    @TempDir
    private Path directory;

    private Path path;
    private Path creating;

    @BeforeEach
    void name_the_pool() {
        path = directory.resolve("a.pool");
        creating = directory.resolve("a.pool.creating");
    }

    private Region create() {
        return provider.create(path, CAPACITY_BYTES, RegionOptions.defaults());
    }

    private static void assertRefused(Reason reason, ThrowingCallable call, String... facts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PoolOpenException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(reason))
                .hasMessageContainingAll(facts);
    }

    @Test
    void a_new_pool_shows_nothing_under_its_name_until_it_is_published() {
        try (Region region = create()) {
            assertThat(path).doesNotExist();
            region.publishCreated();
            assertThat(path).exists();
            assertThat(creating).doesNotExist();
            region.publishCreated();
        }
        assertThat(path).hasSize(CAPACITY_BYTES);
    }

    @Test
    void what_was_stored_before_and_after_publishing_is_found_again() {
        for (DurabilityDomain domain : provider.domains(path)) {
            Path pool = directory.resolve(domain.id());
            RegionOptions options = new RegionOptions(Optional.of(domain), false);
            try (Region region = provider.create(pool, CAPACITY_BYTES, options)) {
                assertThat(region.isZeroed()).isTrue();
                region.storePlain(0, 41);
                region.publishCreated();
                region.storePlain(CAPACITY_BYTES - 8, 42);
                region.writeBackAndFence(POINT, CAPACITY_BYTES - 8);
            }
            try (Region region = provider.open(pool, options)) {
                assertThat(region.isZeroed()).isFalse();
                assertThat(region.name()).isEqualTo(pool.toString());
                assertThat(region.durability().domain()).isEqualTo(domain);
                assertThat(region.loadPlain(0)).isEqualTo(41);
                assertThat(region.loadPlain(CAPACITY_BYTES - 8)).isEqualTo(42);
                region.publishCreated();
            }
        }
    }

    @Test
    void capacity_is_rounded_up_zeroed_allocated_and_aligned() throws IOException {
        try (Region region = provider.create(path, CAPACITY_BYTES + 1, RegionOptions.defaults())) {
            assertThat(region.capacityBytes()).isEqualTo(2 * CAPACITY_BYTES);
            assertThat(region.slice(0, 8).address() % AddressRange.ALIGNMENT_BYTES)
                    .isZero();
            assertThat(FileFacts.of(creating).orElseThrow().allocatedBytes())
                    .isGreaterThanOrEqualTo(2 * CAPACITY_BYTES);
            region.publishCreated();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(new byte[(int) (2 * CAPACITY_BYTES)]);
    }

    @Test
    void an_unpublished_pool_vanishes() {
        create().close();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void an_existing_file_or_dangling_link_is_left_alone() throws IOException {
        Files.writeString(path, "text");
        assertRefused(Reason.EXISTS, this::create, "pool=" + path);
        assertThat(path).hasContent("text");
        Files.delete(path);
        Files.createSymbolicLink(path, directory.resolve("nowhere"));
        assertRefused(Reason.EXISTS, this::create, "pool=" + path);
        assertThat(creating).doesNotExist();
    }

    @Test
    void a_file_that_takes_the_name_meanwhile_is_not_overwritten() throws IOException {
        try (Region region = create()) {
            Files.writeString(path, "text");
            assertRefused(Reason.EXISTS, region::publishCreated, "pool=" + path);
        }
        assertThat(path).hasContent("text");
        assertThat(creating).doesNotExist();
    }

    @Test
    void two_creators_at_once_are_told_apart() {
        try (Region region = create()) {
            assertRefused(Reason.LOCKED, this::create, "being created already", "this process");
            region.publishCreated();
            assertRefused(Reason.EXISTS, this::create, "pool=" + path);
        }
    }

    @Test
    void what_a_dead_creator_left_is_used_again_and_does_not_show_through() throws IOException {
        byte[] old = new byte[(int) (3 * CAPACITY_BYTES)];
        Arrays.fill(old, (byte) 7);
        Files.write(creating, old);
        try (Region region = create()) {
            assertThat(region.loadPlain(0)).isZero();
            region.publishCreated();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(new byte[(int) CAPACITY_BYTES]);
    }

    @Test
    void something_else_under_the_temporary_name_is_left_alone() throws IOException {
        Files.createDirectory(creating);
        assertRefused(Reason.NOT_A_FILE, this::create, "found=directory");
        Files.delete(creating);
        Path victim = Files.writeString(directory.resolve("victim"), "text");
        Files.createSymbolicLink(creating, victim);
        assertRefused(Reason.NOT_A_FILE, this::create, "found=symbolic-link");
        assertThat(victim).hasContent("text");
    }

    @Test
    void more_than_the_file_system_has_is_refused_and_leaves_nothing() throws IOException {
        FileStore store = Files.getFileStore(directory);
        long needed = store.getUnallocatedSpace() + (1L << 36);
        assertRefused(
                Reason.NO_SPACE,
                () -> provider.create(path, needed, RegionOptions.defaults()),
                "neededBytes=",
                "availableBytes=",
                "No space left");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void a_missing_directory_or_a_file_as_directory_is_not_found() throws IOException {
        Files.writeString(directory.resolve("file"), "text");
        assertRefused(
                Reason.NOT_FOUND,
                () -> provider.create(directory.resolve("none/a.pool"), CAPACITY_BYTES, RegionOptions.defaults()),
                "errno=2");
        assertRefused(
                Reason.NOT_FOUND,
                () -> provider.create(directory.resolve("file/a.pool"), CAPACITY_BYTES, RegionOptions.defaults()),
                "errno=20",
                "not a directory");
    }

    @Test
    void a_domain_that_the_file_does_not_have_is_refused_before_anything_remains() {
        RegionOptions dax = new RegionOptions(Optional.of(DurabilityDomain.SYNCHRONOUS_DAX), false);
        if (!provider.domains(path).contains(DurabilityDomain.SYNCHRONOUS_DAX)) {
            assertRefused(Reason.DURABILITY_UNAVAILABLE, () -> provider.create(path, CAPACITY_BYTES, dax), "-o dax");
        }
        RegionOptions inMemory = new RegionOptions(Optional.of(DurabilityDomain.VOLATILE), false);
        assertRefused(
                Reason.DURABILITY_UNAVAILABLE,
                () -> provider.create(path, CAPACITY_BYTES, inMemory),
                "a file is never volatile");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void a_relative_path_works() {
        Path relative = Path.of("").toAbsolutePath().relativize(path);
        try (Region region = provider.create(relative, CAPACITY_BYTES, RegionOptions.defaults())) {
            region.publishCreated();
        }
        assertThat(path).exists();
    }

    @Test
    void capacity_must_be_positive() {
        assertThatThrownBy(() -> provider.create(path, 0, RegionOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found=0");
    }
}
