package pmem.testkit.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the host has read before the power was cut: lines {@code pool worker done}, and the control files written. */
final class Acknowledged {
    private static final String CONTROL = "control";

    private final Map<String, Long> done = new HashMap<>();

    /** Reads the host's file. */
    static Acknowledged read(Path file) {
        Acknowledged acknowledged = new Acknowledged();
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException failure) {
            throw new IllegalStateException("acknowledgements are not readable: file=" + file, failure);
        }
        for (String line : lines) {
            int end = line.lastIndexOf(' ');
            acknowledged.done.put(line.substring(0, end), Long.valueOf(line.substring(end + 1)));
        }
        return acknowledged;
    }

    /** Acknowledged operations of a worker. */
    long operations(String pool, int worker) {
        return done.getOrDefault(pool + " " + worker, 0L);
    }

    /** The last control file that was written before the cut; 0 if there was none. */
    long controlFile() {
        return done.getOrDefault(CONTROL, 0L);
    }
}
