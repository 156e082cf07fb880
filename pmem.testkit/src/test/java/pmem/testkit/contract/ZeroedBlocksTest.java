package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.PoolStats;

/** What is known to be zero and so not cleared: never used pages, trimmed ones, and holes of a file that is opened again. */
class ZeroedBlocksTest {
    private static final long CAPACITY_BYTES = 32 << 20;
    private static final long BLOCK_BYTES = 8 << 20;
    private static final long BLOCK_LINES = BLOCK_BYTES / 64;
    /** Files may have pages of 2 MiB, of which one lies at each end. */
    private static final long ROUNDING_LINES = (4 << 20) / 64;

    private static final Path MEMORY_FILES = Path.of("/dev/shm");

    private static PoolOptions options(String policy) {
        return PoolOptions.create(CAPACITY_BYTES)
                .policy(policy)
                .preallocate(false)
                .countPersists(true);
    }

    /** Lines that a zeroed block costs; the block is zero, and filled afterwards. */
    private static long linesOfZeroed(Pool pool) {
        PoolStats before = pool.stats();
        long handle = pool.allocateZeroed(BLOCK_BYTES);
        PoolStats after = pool.stats();
        Blocks.assertZero(pool.segment(handle));
        pool.segment(handle).fill((byte) 1);
        pool.persist(handle, 0, BLOCK_BYTES);
        long lines = after.linesWrittenBack() - before.linesWrittenBack();
        assertThat(after.fences() - before.fences()).isEqualTo(lines == 1 ? 1 : 2);
        return lines;
    }

    private static void freeAll(Pool pool) {
        Blocks.walk(pool).keySet().forEach(pool::free);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitmap", "segregated"})
    void pages_nobody_had_are_not_cleared_and_those_somebody_had_are(String policy) {
        try (Pool pool = Pool.openVolatile(options(policy))) {
            assertThat(linesOfZeroed(pool)).as("never used").isEqualTo(1);
            freeAll(pool);
            assertThat(linesOfZeroed(pool)).as("used").isEqualTo(BLOCK_LINES + 1);
            assertThat(linesOfZeroed(pool)).as("behind").isEqualTo(1);
            freeAll(pool);
            pool.trim();
            long handle = pool.allocate(BLOCK_BYTES / 2);
            pool.free(handle);
            assertThat(linesOfZeroed(pool))
                    .as("the first half used since it was trimmed, but for what is no whole step")
                    .isGreaterThan(BLOCK_LINES / 2)
                    .isLessThan(BLOCK_LINES);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitmap", "buddy", "segregated"})
    void holes_of_a_file_are_not_cleared_after_it_was_opened_again(String policy) throws IOException {
        if (!Files.isDirectory(MEMORY_FILES)) {
            System.out.println("holes of a file: not run, there is no " + MEMORY_FILES
                    + "; other file systems read ahead, and call what they have read no hole");
            return;
        }
        Path directory = Files.createTempDirectory(MEMORY_FILES, "pmem-zeroed-");
        try {
            requireHolesToStay(policy, directory.resolve("pool"));
        } finally {
            Files.deleteIfExists(directory.resolve("pool"));
            Files.delete(directory);
        }
    }

    private static void requireHolesToStay(String policy, Path path) {
        try (Pool pool = Pool.open(path, options(policy))) {
            linesOfZeroed(pool);
            freeAll(pool);
        }
        try (Pool pool = Pool.open(path, PoolOptions.open().countPersists(true))) {
            long lines = linesOfZeroed(pool) + linesOfZeroed(pool);
            assertThat(lines).as("of the half that was used").isBetween(BLOCK_LINES, BLOCK_LINES + ROUNDING_LINES);
            freeAll(pool);
            pool.trim();
            assertThat(linesOfZeroed(pool)).as("but for what is no whole step").isLessThan(BLOCK_LINES);
        }
    }
}
