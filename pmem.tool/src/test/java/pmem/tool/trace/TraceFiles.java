package pmem.tool.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes trace files for tests. */
public final class TraceFiles {
    private TraceFiles() {}

    /** Writes the lines to a new file in the directory. */
    public static Path write(Path directory, String name, String... lines) throws IOException {
        return Files.writeString(directory.resolve(name), String.join("\n", lines) + "\n");
    }

    /** Writes the lines to a new compressed file in the directory. */
    public static Path writeCompressed(Path directory, String name, String... lines) throws IOException {
        Path file = directory.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    /** Reads a trace of these lines. */
    public static Trace of(String... lines) {
        try {
            Path file = Files.createTempFile("trace", ".trace");
            try {
                Files.writeString(file, String.join("\n", lines));
                return TraceReader.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
