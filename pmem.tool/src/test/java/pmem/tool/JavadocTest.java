package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.Handles;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;

/** What the Javadoc shows as code works. */
class JavadocTest {
    private static final Path POOL = Path.of("..", "pmem.api", "src", "main", "java", "pmem", "api", "Pool.java");

    @TempDir
    private Path directory;

    @Test
    void the_example_of_audit_frees_the_nodes_that_no_root_leads_to() throws Exception {
        try (Pool pool = Pool.openVolatile(PoolOptions.create(Size.mib(4)))) {
            long[] nodes = pool.allocateAll(64, 64, 64);
            for (int i = 0; i < nodes.length; i++) {
                long next = i == 0 ? nodes[1] : Handles.NONE;
                pool.segment(nodes[i]).set(ValueLayout.JAVA_LONG, 0, next);
            }
            pool.setRoot("list", nodes[0]);
            runExample("audit", pool);
            assertThat(pool.isLive(nodes[0])).isTrue();
            assertThat(pool.isLive(nodes[1])).isTrue();
            assertThat(pool.isLive(nodes[2])).isFalse();
        }
    }

    @Test
    void the_example_of_scope_keeps_one_text_and_frees_the_other() throws Exception {
        try (Pool pool = Pool.openVolatile(PoolOptions.create(Size.mib(4)))) {
            runExample("scope.keep", pool);
            assertThat(pool.segment(pool.root("text")).getString(0)).isEqualTo("text that stays");
            assertThat(pool.stats().liveBlocks()).isEqualTo(1);
        }
    }

    @Test
    void the_example_of_access_allocates_and_frees() throws Exception {
        try (Pool pool = Pool.openVolatile(PoolOptions.create(Size.mib(4)))) {
            runExample("pool.access()", pool);
            assertThat(pool.stats().liveBlocks()).isZero();
        }
    }

    private void runExample(String containing, Pool pool) throws Exception {
        Path source = directory.resolve("Example.java");
        Files.writeString(
                source,
                "import java.lang.foreign.*;\nimport pmem.api.*;\npublic class Example { public static void run(Pool pool) {\n"
                        + snippet(containing) + "}}\n");
        ReadmeTest.compile(source, directory);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, JavadocTest.class.getClassLoader())) {
            loader.loadClass("Example").getMethod("run", Pool.class).invoke(null, pool);
        }
    }

    private static String snippet(String containing) throws IOException {
        Matcher snippets = Pattern.compile("\\{@snippet :\n(.*?)\n     \\* }\n(?!     \\* })", Pattern.DOTALL)
                .matcher(Files.readString(POOL));
        while (snippets.find()) {
            String code = snippets.group(1).replaceAll("(?m)^     \\* ?", "");
            if (code.contains(containing)) {
                return code;
            }
        }
        throw new AssertionError("no example with " + containing + " in " + POOL);
    }
}
