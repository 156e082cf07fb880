package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
                            line -> assertThat(line).startsWith("allowed 1 forced-cache-line"));
        }
    }
}
