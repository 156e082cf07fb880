package pmem.bench.fork;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A driver in C, compiled on this machine when it has a compiler. Compiled once; thread-safe. */
final class CDriver {
    /** What the driver measures; the text is an option of the compiler. */
    enum Target {
        /** malloc and free, whoever is preloaded, and the floor. */
        MALLOC("-DMALLOC"),
        /** libpmemobj. */
        PMEMOBJ("-DPMEMOBJ");

        private final String option;

        Target(String option) {
            this.option = option;
        }
    }

    private static final List<String> COMPILERS = List.of("cc", "gcc", "clang");
    private static final String SOURCE = "driver.c";
    private static final List<String> SOURCES = List.of(SOURCE, "allocate.h");

    private final Path directory;
    private final Target target;
    private Optional<Path> program = Optional.empty();
    private String reason = "";

    /** The compiled program goes to this directory. */
    CDriver(Path directory, Target target) {
        this.directory = directory;
        this.target = target;
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
        Path output = directory.resolve("driver-" + target.name().toLowerCase(Locale.ROOT));
        try {
            for (String source : SOURCES) {
                copy(source);
            }
            Process process = new ProcessBuilder(
                            compiler.get().toString(),
                            target.option,
                            "-O2",
                            // The compiler may not leave out an allocation whose block is not used.
                            "-fno-builtin",
                            "-pthread",
                            "-o",
                            output.toString(),
                            directory.resolve(SOURCE).toString(),
                            // A library of its own before glibc 2.34.
                            "-ldl")
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

    private void copy(String source) throws IOException {
        try (InputStream text = CDriver.class.getResourceAsStream(source)) {
            if (text == null) {
                throw new IOException("resource " + source + " is missing");
            }
            Files.copy(text, directory.resolve(source), StandardCopyOption.REPLACE_EXISTING);
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
