package pmem.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * What {@code docs/testing.md} shows somebody with a policy of his own compiles and passes, for a policy there is. Of the
 * contract one theme is run, and of the campaign a few sequences: other tests run all of it.
 */
@Isolated("the number of tries is one for all")
class DocumentedProofTest {
    private static final String POLICY = "buddy";
    private static final String FEW_TRIES = "20";
    private static final String IMPORTS = """
            import org.junit.jupiter.api.Test;
            import pmem.testkit.contract.*;
            import pmem.testkit.crash.*;
            import pmem.testkit.property.*;
            """;

    @Test
    void the_documented_lines_prove_a_policy(@TempDir Path directory) throws Exception {
        compile(directory, IMPORTS + documentedLines().replace("my-policy", POLICY));
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader())) {
            assertPasses(selectClass(loader.loadClass("MyCrashTest")));
            assertPasses(selectNestedClass(
                    List.of(loader.loadClass("MyContractTest")),
                    loader.loadClass("pmem.testkit.contract.PoolContract$MediaTheme")));
            assertPasses(selectClass(loader.loadClass("MyCampaignTest")));
        }
    }

    private static String documentedLines() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "testing.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(block.find()).as("a block of Java in docs/testing.md").isTrue();
        return block.group(1);
    }

    private static void compile(Path directory, String text) throws Exception {
        Path source = Files.writeString(directory.resolve("MyCrashTest.java"), text);
        int result = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        System.out,
                        System.err,
                        "-d",
                        directory.toString(),
                        "-classpath",
                        System.getProperty("java.class.path"),
                        "--module-path",
                        System.getProperty("jdk.module.path"),
                        "--add-modules",
                        "pmem.api",
                        source.toString());
        assertThat(result).as("compiling%n%s", text).isZero();
    }

    private static void assertPasses(DiscoverySelector selector) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        String tries = System.setProperty("pmem.tries", FEW_TRIES);
        try {
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selector)
                                    .build(),
                            listener);
        } finally {
            System.setProperty("pmem.tries", tries == null ? FEW_TRIES : tries);
        }
        TestExecutionSummary summary = listener.getSummary();
        assertThat(summary.getFailures())
                .extracting(failure -> failure.getException())
                .isEmpty();
        assertThat(summary.getTestsSucceededCount()).as("tests of %s", selector).isPositive();
    }
}
