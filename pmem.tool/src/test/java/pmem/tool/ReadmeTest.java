package pmem.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README tells people to type works. The two commands at its top are run by the CI script. */
class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");

    @Test
    void every_pmem_command_is_understood() throws IOException {
        List<String> commands = readmeLines()
                .filter(line -> line.startsWith("./pmem "))
                .map(line -> line.replaceFirst("\\s*#.*", "").substring("./pmem ".length()))
                .toList();
        assertThat(commands).hasSizeGreaterThan(3);
        for (String command : commands) {
            List<Object> arguments = new ArrayList<>(List.of(command.split(" ")));
            arguments.add("--help");
            CommandRun run = CommandRun.of(arguments.toArray());
            assertThat(run.exitCode()).as("./pmem %s: %s", command, run.err()).isZero();
        }
    }

    @Test
    void the_example_program_compiles_and_runs(@TempDir Path directory) throws Exception {
        Path source = directory.resolve("Example.java");
        Files.writeString(source, program(javaBlock()));
        compile(source, directory);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, ReadmeTest.class.getClassLoader())) {
            loader.loadClass("Example").getMethod("run", Path.class).invoke(null, directory.resolve("my.pool"));
        }
        assertThat(CommandRun.of("info", directory.resolve("my.pool"), "--json")
                        .json()
                        .toString())
                .contains("greeting");
    }

    private static Stream<String> readmeLines() throws IOException {
        return Files.readAllLines(README).stream();
    }

    private static String javaBlock() throws IOException {
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(README));
        assertThat(block.find()).as("a java block in the README").isTrue();
        return block.group(1);
    }

    private static String program(String body) {
        return "import java.lang.foreign.MemorySegment;\nimport pmem.api.*;\n"
                + "public class Example { public static void run(java.nio.file.Path path) {\n" + body + "}}\n";
    }

    static void compile(Path source, Path output) {
        StringWriter messages = new StringWriter();
        PrintWriter writer = new PrintWriter(messages, true);
        int exitCode = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        writer,
                        writer,
                        "--module-path",
                        System.getProperty("jdk.module.path"),
                        "--add-modules",
                        "pmem.api",
                        "-d",
                        output.toString(),
                        source.toString());
        assertThat(exitCode).as(messages.toString()).isZero();
    }
}
