package pmem.bench.fork;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The driver in C, compiled on this machine when it has a compiler. Compiled once; thread-safe. */
final class CDriver {
    private static final List<String> COMPILERS = List.of("cc", "gcc", "clang");
    private static final String SOURCE = "driver.c";

    private final Path directory;
    private Optional<Path> program = Optional.empty();
    private String reason = "";

    /** The compiled program goes to this directory. */
    CDriver(Path directory) {
        this.directory = directory;
    }

    /**
     * The program.
     *
     * @throws ForkException if there is no compiler, or it refuses
     */
    synchronized Path program() throws ForkException {
        if (program.isEmpty() && reason.isEmpty()) {
            compile();
        }
        return program.orElseThrow(() -> new ForkException(reason));
    }

    private void compile() {
        Optional<Path> compiler =
                COMPILERS.stream().flatMap(name -> onPath(name).stream()).findFirst();
        if (compiler.isEmpty()) {
            reason = "no C compiler: expected one of " + COMPILERS + " on PATH; install Debian package gcc";
            return;
        }
        Path source = directory.resolve(SOURCE);
        Path output = directory.resolve("driver");
        try (InputStream text = CDriver.class.getResourceAsStream(SOURCE)) {
            if (text == null) {
                throw new IOException("resource " + SOURCE + " is missing");
            }
            Files.copy(text, source, StandardCopyOption.REPLACE_EXISTING);
            Process process = new ProcessBuilder(
                            compiler.get().toString(),
                            "-O2",
                            // The compiler may not leave out an allocation whose block is not used.
                            "-fno-builtin",
                            "-pthread",
                            "-o",
                            output.toString(),
                            source.toString())
                    .redirectErrorStream(true)
                    .start();
            String messages =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                reason = "C driver does not compile: compiler=" + compiler.get() + ", found="
                        + messages.lines().findFirst().orElse("no message");
                return;
            }
            program = Optional.of(output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            reason = "interrupted while compiling";
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<Path> onPath(String name) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator, -1)) {
            Path file = Path.of(folder, name);
            if (!folder.isEmpty() && Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
