package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import pmem.tool.common.Streams;

/** Runs one command in this process and keeps what it wrote. */
record CommandRun(int exitCode, String out, String err) {
    static CommandRun of(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        Streams streams = new Streams(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        int exitCode = Main.run(streams, texts);
        return new CommandRun(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The one JSON object on standard output; fails if there is anything else. */
    JsonObject json() {
        return new Gson().fromJson(out, JsonObject.class);
    }

    /** Checks that the command was refused with one line that holds all the parts, and returns that line. */
    String refused(int expectedExitCode, String... parts) {
        assertThat(err.lines().toList()).as("standard error").hasSize(1);
        assertThat(err).contains(parts);
        assertThat(exitCode).isEqualTo(expectedExitCode);
        return err;
    }
}
