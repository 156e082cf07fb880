package pmem.tool.common;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A temporary directory for pool files: in memory-backed {@code /dev/shm} where there is one, else in {@code java.io.tmpdir}. It
 * is deleted with all that is in it by {@link #close()}, and when the process is told to end.
 */
public final class WorkingDirectory implements AutoCloseable {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Path path;
    private final Thread atExit = new Thread(this::delete, "pmem-cleanup");

    private WorkingDirectory(Path path) {
        this.path = path;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Makes one.
     *
     * @throws ToolException if the system refuses
     */
    public static WorkingDirectory create() {
        boolean sharedMemory = Files.isDirectory(SHARED_MEMORY) && Files.isWritable(SHARED_MEMORY);
        Path parent = sharedMemory ? SHARED_MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
        try {
            return new WorkingDirectory(Files.createTempDirectory(parent, "pmem-"));
        } catch (IOException failure) {
            throw new ToolException(
                    "temporary directory can't be made: parent=" + parent + ", found=" + failure, failure);
        }
    }

    /** A path inside, of a file that does not exist unless made before. */
    public Path file(String name) {
        return path.resolve(name);
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
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        } catch (IOException gone) {
            // The directory is being deleted by the other caller; what is left is deleted below or by the system.
        }
        try {
            Files.deleteIfExists(path);
        } catch (IOException notEmpty) {
            // A child still holds a file there; a memory-backed directory vanishes with the machine.
        }
    }
}
