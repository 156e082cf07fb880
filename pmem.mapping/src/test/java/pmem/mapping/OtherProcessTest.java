package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.MemoryPlacement;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

class OtherProcessTest {
    private static final long CAPACITY_BYTES = 2 << 20;

    private final MappingProvider provider = new MappingProvider();

    @TempDir
    private Path directory;

    private static void assertLockedBy(ChildProcess child, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PoolOpenException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.LOCKED))
                .hasMessageContainingAll("holder=another process", "pid=" + child.pid(), "command=java");
    }

    @Test
    void a_second_opener_is_told_who_holds_the_lock_and_gets_it_when_the_holder_dies() throws IOException {
        Path path = directory.resolve("a.pool");
        try (ChildProcess child = ChildProcess.start("publish", path)) {
            assertThat(child.line()).isEqualTo("holding " + path);
            assertLockedBy(child, () -> provider.open(path, RegionOptions.defaults()));
            child.kill();
        }
        try (Region region = provider.open(path, RegionOptions.defaults())) {
            assertThat(region.loadPlain(64)).isEqualTo(99);
        }
    }

    @Test
    void an_opener_that_waits_gets_the_lock_when_the_holder_dies() throws Exception {
        Path path = directory.resolve("a.pool");
        RegionOptions patient =
                new RegionOptions(Optional.empty(), false, true, MemoryPlacement.anywhere(), Duration.ofMinutes(5));
        try (ChildProcess child = ChildProcess.start("publish", path);
                ExecutorService executor = Executors.newSingleThreadExecutor()) {
            assertThat(child.line()).isEqualTo("holding " + path);
            Future<Long> waiting = executor.submit(() -> {
                try (Region region = provider.open(path, patient)) {
                    return region.loadPlain(64);
                }
            });
            child.kill();
            assertThat(waiting.get()).isEqualTo(99);
        }
    }

    @Test
    void a_wait_for_the_lock_ends_after_its_time_and_on_an_interrupt() throws IOException {
        Path path = directory.resolve("a.pool");
        try (ChildProcess child = ChildProcess.start("publish", path)) {
            assertThat(child.line()).isEqualTo("holding " + path);
            RegionOptions brief =
                    new RegionOptions(Optional.empty(), false, true, MemoryPlacement.anywhere(), Duration.ofMillis(5));
            assertLockedBy(child, () -> provider.open(path, brief));
            RegionOptions endless = new RegionOptions(
                    Optional.empty(), false, true, MemoryPlacement.anywhere(), Duration.ofDays(1_000_000));
            Thread.currentThread().interrupt();
            assertLockedBy(child, () -> provider.open(path, endless));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void a_reader_without_a_lock_looks_beside_the_writer_and_changes_nothing_for_it() throws IOException {
        Path path = directory.resolve("a.pool");
        try (ChildProcess child = ChildProcess.start("publish", path)) {
            assertThat(child.line()).isEqualTo("holding " + path);
            assertLockedBy(child, () -> provider.view(path));
            try (Region region = provider.peek(path)) {
                assertThat(region.loadPlain(64)).isEqualTo(99);
                region.storePlain(64, 1);
            }
            try (Region region = provider.peek(path)) {
                assertThat(region.loadPlain(64)).isEqualTo(99);
            }
        }
    }

    @Test
    void a_pool_that_another_process_is_creating_is_locked_and_its_remains_are_reused() throws IOException {
        Path path = directory.resolve("a.pool");
        try (ChildProcess child = ChildProcess.start("create", path)) {
            assertThat(child.line()).isEqualTo("holding " + path);
            assertLockedBy(child, () -> provider.create(path, CAPACITY_BYTES, RegionOptions.defaults()));
            child.kill();
        }
        assertThat(path).doesNotExist();
        assertThat(directory.resolve("a.pool.creating")).exists();
        try (Region region = provider.create(path, CAPACITY_BYTES, RegionOptions.defaults())) {
            region.publishCreated();
        }
        try (var names = Files.list(directory)) {
            assertThat(names).containsExactly(path);
        }
    }

    @Test
    void a_process_that_may_not_have_executable_pages_falls_back_and_says_so() throws IOException {
        try (ChildProcess child = ChildProcess.start("forbid", directory.resolve("a.pool"))) {
            // Kernels before 6.3 cannot forbid it; there the process keeps its own way.
            assertThat(child.line())
                    .satisfiesAnyOf(
                            line -> assertThat(line)
                                    .startsWith("forbidden 1 forced-cache-line (write back: msync")
                                    .contains("the host refuses executable pages: errno=13"),
                            line -> assertThat(line)
                                    .startsWith("forbidden 1 forced-cache-line (write back: pmem_flush")
                                    .contains("the host refuses executable pages: errno=13"),
                            line -> assertThat(line).startsWith("allowed 1 forced-cache-line"));
        }
    }
}
