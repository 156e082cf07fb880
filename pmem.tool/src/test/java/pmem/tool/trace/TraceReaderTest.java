package pmem.tool.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceReaderTest {
    @TempDir
    private Path directory;

    @Test
    void reads_operations_objects_threads_and_peaks() throws IOException {
        Trace trace = TraceReader.read(TraceFiles.write(
                directory,
                "small.trace",
                "# comment",
                "a 10 100 7",
                "",
                "a 20 50 3",
                "r 10 30 3",
                "f 20 7",
                "a 30 10 7"));

        assertThat(trace.name()).isEqualTo("small.trace");
        assertThat(trace.operationCount()).isEqualTo(5);
        assertThat(trace.objectCount()).isEqualTo(3);
        assertThat(trace.threadCount()).isEqualTo(2);
        assertThat(trace.peakLiveBytes()).isEqualTo(150);
        assertThat(trace.peakLiveBlocks()).isEqualTo(2);
        assertThat(trace.kind(2)).isEqualTo(TraceOperation.REALLOCATE);
        assertThat(trace.object(2)).isZero();
        assertThat(trace.bytes(2)).isEqualTo(30);
        assertThat(trace.thread(2)).isEqualTo(1);
        assertThat(trace.kind(3)).isEqualTo(TraceOperation.FREE);
        assertThat(trace.bytes(3)).isZero();
    }

    @Test
    void reads_the_same_from_a_compressed_file_whatever_its_name() throws IOException {
        Trace trace = TraceReader.read(TraceFiles.writeCompressed(directory, "small.trace", "a 1 8 1", "f 1 1"));

        assertThat(trace.operationCount()).isEqualTo(2);
    }

    @Test
    void takes_an_identifier_used_again_after_its_free_for_a_new_object() {
        Trace trace = TraceFiles.of("a 5 8 1", "f 5 1", "a 5 16 1");

        assertThat(trace.objectCount()).isEqualTo(2);
        assertThat(trace.object(2)).isEqualTo(1);
    }

    @Test
    void takes_identifiers_that_are_far_apart() {
        Trace trace = TraceFiles.of("a 999999999999999999 8 1", "a 0 8 1", "f 999999999999999999 1");

        assertThat(trace.objectCount()).isEqualTo(2);
        assertThat(trace.object(2)).isZero();
    }

    @Test
    void keeps_every_object_apart_when_there_are_many() {
        String[] lines = new String[20_000];
        for (int i = 0; i < 10_000; i++) {
            lines[i] = "a " + i * 977L + " 8 1";
            lines[10_000 + i] = "f " + i * 977L + " 1";
        }

        Trace trace = TraceFiles.of(lines);

        assertThat(trace.objectCount()).isEqualTo(10_000);
        assertThat(trace.object(19_999)).isEqualTo(9_999);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x 1 8 1            | begins with a, r, f or #",
                "a 1 8              | a decimal number as THREAD",
                "a 1 8 1 1          | nothing after THREAD",
                "a 1 0 1            | BYTES of at least 1",
                "a 1 -8 1           | a decimal number as BYTES",
                "a one 8 1          | a decimal number as ID",
                "a 1  8 1           | a decimal number as BYTES",
                "a 0 8 1            | an identifier that is not live",
                "f 9 1              | the identifier of a live object",
                "r 9 8 1            | the identifier of a live object",
                "a 1 1234567890123456789 1 | BYTES of at most 18 digits",
                "a                  | a decimal number as ID",
            })
    void refuses_a_malformed_line_with_file_line_number_and_reason(String line, String reason) throws IOException {
        Path file = TraceFiles.write(directory, "bad.trace", "# header", "a 0 8 1", line);

        assertThatThrownBy(() -> TraceReader.read(file))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("file=" + file)
                .hasMessageContaining("line=3")
                .hasMessageContaining("expected " + (reason.startsWith("begins") ? "a line that " : "") + reason)
                .hasMessageContaining("found=\"" + line + "\"");
    }

    @Test
    void refuses_a_file_without_operations() throws IOException {
        Path file = TraceFiles.write(directory, "empty.trace", "# nothing");

        assertThatThrownBy(() -> TraceReader.read(file)).hasMessageContaining("at least one operation");
    }

    @Test
    void refuses_a_line_without_end() throws IOException {
        Path file = Files.writeString(directory.resolve("long.trace"), "a".repeat(10_000));

        assertThatThrownBy(() -> TraceReader.read(file))
                .hasMessageContaining("line=1")
                .hasMessageContaining("at most 256");
    }

    @Test
    void refuses_a_file_that_is_not_there_and_a_directory() {
        Path missing = directory.resolve("missing.trace");

        assertThatThrownBy(() -> TraceReader.read(missing))
                .hasMessageContaining("not found")
                .hasMessageContaining("file=" + missing);
        assertThatThrownBy(() -> TraceReader.read(directory)).hasMessageContaining("found a directory");
    }

    @Test
    void refuses_a_compressed_file_that_was_cut() throws IOException {
        Path whole = TraceFiles.writeCompressed(directory, "whole.gz", "a 1 8 1", "f 1 1");
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(directory.resolve("cut.gz"), java.util.Arrays.copyOf(bytes, bytes.length / 2));

        assertThatThrownBy(() -> TraceReader.read(cut))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("file=" + cut);
    }

    @Test
    void reads_the_bundled_trace() {
        Trace trace = TraceReader.readBundled();

        assertThat(trace.operationCount()).isEqualTo(110_577);
        assertThat(trace.threadCount()).isEqualTo(20);
        assertThat(trace.peakLiveBytes()).isEqualTo(34_855_022);
    }
}
