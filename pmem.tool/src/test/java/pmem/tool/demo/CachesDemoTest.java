package pmem.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.tool.common.Streams;

/** {@code pmem demo --caches}: what is held goes down to nothing. */
class CachesDemoTest {
    @TempDir
    Path directory;

    @Test
    void what_idle_accesses_hold_comes_back_until_nothing_is_held() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        List<Long> held = new CachesDemo(new Streams(stream, stream, false), true, 5).run(directory.resolve("pool"));
        assertThat(held.getFirst()).isGreaterThan(1 << 20);
        assertThat(held.getLast()).isZero();
        assertThat(held).as("never more than at first").allMatch(bytes -> bytes <= held.getFirst());
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("tick   0").contains("nothing is held any more");
    }
}
