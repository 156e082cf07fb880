package pmem.tool.common;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command writes: results to {@code out}, errors and progress to {@code err}.
 *
 * @param out for results
 * @param err for errors and progress
 * @param errIsTerminal whether a progress bar may redraw its line on {@code err}
 */
public record Streams(PrintStream out, PrintStream err, boolean errIsTerminal) {
    /** The streams of this process. */
    public static Streams ofProcess() {
        return new Streams(System.out, System.err, isTerminal(2));
    }

    /** Whether {@code out} can show shaded blocks. */
    public boolean unicode() {
        return out.charset().equals(StandardCharsets.UTF_8);
    }

    // The JDK tells only whether input and output both are a terminal; Linux shows what a descriptor stands for.
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(descriptor)))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }
}
