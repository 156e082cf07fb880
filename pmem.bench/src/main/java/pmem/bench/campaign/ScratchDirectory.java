package pmem.bench.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A directory for the files of children, in memory where there is {@code /dev/shm}; deleted with all that is in it. */
public final class ScratchDirectory implements AutoCloseable {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Path path;
    private final Thread atExit = new Thread(this::delete, "bench-cleanup");

    private ScratchDirectory(Path path) {
        this.path = path;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Makes one. */
    public static ScratchDirectory create() {
        try {
            return new ScratchDirectory(
                    Files.isWritable(SHARED_MEMORY)
                            ? Files.createTempDirectory(SHARED_MEMORY, "pmem-bench-")
                            : Files.createTempDirectory("pmem-bench-"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Makes a directory inside. */
    public Path make(String prefix) {
        try {
            return Files.createTempDirectory(path, prefix);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // The hook runs already and finds nothing left.
        }
    }

    private void delete() {
        delete(path);
    }

    /** Deletes a directory and what is in it, as far as the system lets. */
    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException gone) {
            // Somebody else deletes too, or still writes: a directory in memory vanishes with the machine.
        }
    }
}
