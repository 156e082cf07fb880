package pmem.testkit.vm;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * The lines that the host reads, one system call each, so that a cut leaves at most the last one torn. Thread-safe.
 *
 * <pre>
 * PMEM text...          for people and for the host's patterns
 * A pool worker done    so many operations of this worker are acknowledged
 * C number              the control file with this number is written
 * </pre>
 */
final class Console {
    private final Writer out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.US_ASCII));

    synchronized void line(String text) {
        try {
            out.write(text);
            out.write('\n');
            out.flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    void say(String text) {
        line("PMEM " + text);
    }

    void acknowledge(String pool, int worker, long done) {
        line("A " + pool + " " + worker + " " + done);
    }

    void control(long number) {
        line("C " + number);
    }
}
