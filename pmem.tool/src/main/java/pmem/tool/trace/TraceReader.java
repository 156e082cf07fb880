package pmem.tool.trace;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Reads a trace, plain or compressed by gzip (told by its first bytes, not by its name).
 *
 * <p>The format: lines that start with {@code #} and empty lines are skipped; {@code a ID BYTES THREAD} allocates,
 * {@code r ID BYTES THREAD} reallocates, {@code f ID THREAD} frees; one blank between fields, numbers decimal, at most 18 digits.
 * The reader refuses the first line that is not of this form or not possible at its place.
 */
public final class TraceReader {
    private static final String BUNDLED = "jvm-javac.trace.gz";
    private static final int LINE_BYTES_MAX = 256;
    private static final int DIGITS_MAX = 18;

    private final String source;
    private final TraceBuilder builder;
    private final byte[] line = new byte[LINE_BYTES_MAX];
    private int lineBytes;
    private int cursor;
    private long lineNumber;

    private TraceReader(String source, String name) {
        this.source = source;
        this.builder = new TraceBuilder(name);
    }

    /**
     * Reads a trace file.
     *
     * @throws TraceException if the file can't be read or is malformed
     */
    public static Trace read(Path file) {
        if (!Files.exists(file)) {
            throw new TraceException("trace not found: file=" + file);
        }
        if (Files.isDirectory(file)) {
            throw new TraceException("trace is not readable: expected a file, found a directory: file=" + file);
        }
        Path last = file.getFileName();
        TraceReader reader = new TraceReader(file.toString(), last == null ? file.toString() : last.toString());
        try (InputStream in = Files.newInputStream(file)) {
            return reader.read(in);
        } catch (IOException failure) {
            throw new TraceException(
                    "trace is not readable: file=" + file + " line=" + reader.lineNumber + ", found=" + failure,
                    failure);
        }
    }

    /** Reads the trace that is part of this module. */
    public static Trace readBundled() {
        TraceReader reader = new TraceReader(BUNDLED, BUNDLED);
        try (InputStream in = TraceReader.class.getResourceAsStream(BUNDLED)) {
            if (in == null) {
                throw new TraceException(
                        "bundled trace is missing: expected resource " + BUNDLED + " in the module pmem.tool");
            }
            return reader.read(in);
        } catch (IOException failure) {
            throw new TraceException("bundled trace is not readable: found=" + failure, failure);
        }
    }

    private Trace read(InputStream raw) throws IOException {
        try (InputStream in = new BufferedInputStream(unpacked(raw), 1 << 16)) {
            while (readLine(in)) {
                if (lineBytes > 0 && line[0] != '#') {
                    parseLine();
                }
            }
        }
        if (builder.operationCount() == 0) {
            throw malformed("at least one operation", "none");
        }
        return builder.build();
    }

    private static InputStream unpacked(InputStream raw) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(raw, 1 << 16);
        buffered.mark(2);
        int first = buffered.read();
        int second = buffered.read();
        buffered.reset();
        return first == 0x1f && second == 0x8b ? new GZIPInputStream(buffered, 1 << 16) : buffered;
    }

    /** Reads the next line into the buffer; returns false at the end. Comments may have any length and are cut. */
    private boolean readLine(InputStream in) throws IOException {
        lineBytes = 0;
        int value = in.read();
        if (value < 0) {
            return false;
        }
        lineNumber++;
        for (; value >= 0 && value != '\n'; value = in.read()) {
            if (lineBytes < LINE_BYTES_MAX) {
                line[lineBytes++] = (byte) value;
            } else if (line[0] != '#') {
                throw malformed("at most " + LINE_BYTES_MAX + " bytes", quotedLine() + "...");
            }
        }
        if (lineBytes > 0 && line[lineBytes - 1] == '\r') {
            lineBytes--;
        }
        return true;
    }

    private void parseLine() {
        cursor = 1;
        switch (line[0]) {
            case 'a' -> {
                long id = number("ID");
                long bytes = size();
                if (!builder.allocate(id, bytes, lastNumber("THREAD"))) {
                    throw malformed("an identifier that is not live", quotedLine());
                }
            }
            case 'r' -> {
                long id = number("ID");
                long bytes = size();
                if (!builder.reallocate(id, bytes, lastNumber("THREAD"))) {
                    throw malformed("the identifier of a live object", quotedLine());
                }
            }
            case 'f' -> {
                long id = number("ID");
                if (!builder.free(id, lastNumber("THREAD"))) {
                    throw malformed("the identifier of a live object", quotedLine());
                }
            }
            default -> throw malformed("a line that begins with a, r, f or #", quotedLine());
        }
    }

    private long size() {
        long bytes = number("BYTES");
        if (bytes == 0) {
            throw malformed("BYTES of at least 1", quotedLine());
        }
        return bytes;
    }

    private long lastNumber(String field) {
        long value = number(field);
        if (cursor != lineBytes) {
            throw malformed("nothing after " + field, quotedLine());
        }
        return value;
    }

    private long number(String field) {
        int start = cursor + 1;
        boolean separated = cursor < lineBytes && line[cursor] == ' ';
        long value = 0;
        int at = start;
        for (; separated && at < lineBytes && line[at] >= '0' && line[at] <= '9'; at++) {
            if (at - start == DIGITS_MAX) {
                throw malformed(field + " of at most " + DIGITS_MAX + " digits", quotedLine());
            }
            value = value * 10 + (line[at] - '0');
        }
        if (!separated || at == start || (at < lineBytes && line[at] != ' ')) {
            throw malformed("a decimal number as " + field, quotedLine());
        }
        cursor = at;
        return value;
    }

    private TraceException malformed(String expected, String found) {
        return TraceException.malformed(source, lineNumber, expected, found);
    }

    private String quotedLine() {
        String text = new String(line, 0, lineBytes, StandardCharsets.UTF_8);
        return '"' + text.replaceAll("\\p{Cntrl}|\\uFFFD", "?") + '"';
    }
}
