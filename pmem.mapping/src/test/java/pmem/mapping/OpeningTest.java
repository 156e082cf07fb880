package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

class OpeningTest {
    private static final int PAGE_BYTES = 4096;

    private final MappingProvider provider = new MappingProvider();

    @TempDir
    private Path directory;

    private Region open(Path path) {
        return provider.open(path, RegionOptions.defaults());
    }

    private void assertRefused(Path path, Reason reason, String... facts) {
        assertThatThrownBy(() -> open(path))
                .isInstanceOfSatisfying(
                        PoolOpenException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(reason))
                .hasMessageContaining("pool=" + path)
                .hasMessageContainingAll(facts);
    }

    @Test
    void a_missing_file_is_not_found() {
        assertRefused(directory.resolve("none"), Reason.NOT_FOUND, "errno=2", "No such file");
    }

    @Test
    void directories_devices_fifos_and_sockets_are_not_files() throws IOException, InterruptedException {
        assertRefused(directory, Reason.NOT_A_FILE, "found=directory");
        assertRefused(Path.of("/"), Reason.NOT_A_FILE, "found=directory");
        assertRefused(
                Path.of("/dev/null"), Reason.NOT_A_FILE, "found=character-device", "does not know it as a DAX device");
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        assertRefused(fifo, Reason.NOT_A_FILE, "found=fifo");
        Path socket = directory.resolve("socket");
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(socket));
            assertRefused(socket, Reason.NOT_A_FILE, "found=socket");
        }
    }

    @Test
    void a_path_of_another_file_system_is_not_a_file() throws IOException {
        Path zip = directory.resolve("a.zip");
        try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            assertRefused(files.getPath("/a.pool"), Reason.NOT_A_FILE, "jar");
        }
        assertThat(zip).exists();
        try (ZipFile file = new ZipFile(zip.toFile())) {
            assertThat(file.size()).isZero();
        }
    }

    @Test
    void links_that_lead_in_a_circle_are_refused_and_others_followed() throws IOException {
        Path circle = directory.resolve("circle");
        Files.createSymbolicLink(circle, circle);
        assertRefused(circle, Reason.NOT_A_FILE, "errno=40");
        Path file = Files.write(directory.resolve("file"), new byte[PAGE_BYTES]);
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        try (Region region = open(link)) {
            assertRefused(file, Reason.LOCKED, "this process");
            assertThat(region.capacityBytes()).isEqualTo(PAGE_BYTES);
        }
    }

    @Test
    void a_file_nobody_may_write_names_its_owner_and_mode() {
        // The kernel refuses this one to root too. Where containers mount it read-only, that is what is reported.
        Path path = Path.of("/sys/kernel/uevent_seqnum");
        assertThatThrownBy(() -> open(path)).isInstanceOfSatisfying(PoolOpenException.class, failure -> {
            assertThat(failure.reason()).isIn(Reason.NO_PERMISSION, Reason.READ_ONLY);
            if (failure.reason() == Reason.NO_PERMISSION) {
                assertThat(failure).hasMessageContainingAll("found=regular-file owner=0:0 mode=0444", "errno=13");
            }
        });
    }

    @Test
    void lengths_no_pool_has_are_not_a_pool_and_change_nothing() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty"));
        assertRefused(empty, Reason.NOT_A_POOL, "sizeBytes=0");
        Path text = Files.writeString(directory.resolve("text"), "some text");
        assertRefused(text, Reason.NOT_A_POOL, "sizeBytes=9", "at least 4096");
        assertThat(empty).isEmptyFile();
        assertThat(text).hasContent("some text");
    }

    @Test
    void a_file_without_holes_is_opened_and_closed_without_a_change() throws IOException {
        String content = "line of text ...".repeat(PAGE_BYTES / 16);
        Path text = Files.writeString(directory.resolve("text"), content);
        FileTime before = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(text, before);
        try (Region region = open(text)) {
            assertThat(region.capacityBytes()).isEqualTo(PAGE_BYTES);
        }
        assertThat(text).hasContent(content);
        assertThat(Files.getLastModifiedTime(text)).isEqualTo(before);
    }

    @Test
    void holes_get_blocks_before_they_are_mapped() throws IOException {
        Path sparse = directory.resolve("sparse");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.writeLong(0x0102030405060708L);
            file.setLength(4L << 20);
        }
        assertThat(FileFacts.of(sparse).orElseThrow().allocatedBytes()).isLessThan(1L << 20);
        try (Region region = open(sparse)) {
            assertThat(FileFacts.of(sparse).orElseThrow().allocatedBytes()).isGreaterThanOrEqualTo(4L << 20);
            assertThat(region.loadPlain(0)).isEqualTo(Long.reverseBytes(0x0102030405060708L));
            assertThat(region.loadPlain((4L << 20) - 8)).isZero();
        }
    }

    @Test
    void holes_that_do_not_fit_are_refused_and_the_file_stays_as_it_was() throws IOException {
        Path sparse = directory.resolve("sparse");
        long missing = Files.getFileStore(directory).getUnallocatedSpace() + (1L << 36);
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength((missing + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES);
        }
        assertRefused(sparse, Reason.NO_SPACE, "holes", "neededBytes=", "availableBytes=");
        assertThat(FileFacts.of(sparse).orElseThrow().allocatedBytes()).isLessThan(1L << 20);
    }

    @Test
    void a_second_opener_in_this_process_is_told_so() throws IOException {
        Path path = Files.write(directory.resolve("a.pool"), new byte[PAGE_BYTES]);
        try (Region region = open(path)) {
            assertRefused(
                    path,
                    Reason.LOCKED,
                    "holder=this process",
                    "pid=" + ProcessHandle.current().pid());
            // A closed file lock would have given a POSIX lock of this process back.
            assertThat(Files.readAllBytes(path)).hasSize(PAGE_BYTES);
            assertRefused(path, Reason.LOCKED, "holder=this process");
            assertThat(region.capacityBytes()).isEqualTo(PAGE_BYTES);
        }
        open(path).close();
    }

    @Test
    void a_refused_domain_gives_the_lock_back() throws IOException {
        Path path = Files.write(directory.resolve("a.pool"), new byte[PAGE_BYTES]);
        for (DurabilityDomain domain : DurabilityDomain.values()) {
            if (!provider.domains(path).contains(domain)) {
                assertThatThrownBy(() -> provider.open(path, new RegionOptions(Optional.of(domain), false)))
                        .isInstanceOfSatisfying(
                                PoolOpenException.class,
                                failure -> assertThat(failure.reason()).isEqualTo(Reason.DURABILITY_UNAVAILABLE));
            }
        }
        open(path).close();
    }
}
