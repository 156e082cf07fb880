package pmem.bench.fork;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import pmem.bench.frames.FrameCost;
import pmem.bench.frames.FrameSpec;
import pmem.bench.measure.Capability;
import pmem.bench.measure.Latencies;
import pmem.bench.measure.Round;
import pmem.bench.measure.WorkloadSpec;

/** A child as its parent sees it. For one thread. */
public final class Fork implements AutoCloseable {
    private static final String END = "end";

    private final Process process;
    private final PrintStream requests;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Path errors;
    private Set<Capability> capabilities = EnumSet.noneOf(Capability.class);

    private Fork(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "fork-answers");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts the child; {@link #awaitReady} must follow.
     *
     * @param directory takes what the child writes to its standard error
     * @throws ForkException if the system refuses
     */
    public static Fork start(Launch launch, Path directory) throws ForkException {
        try {
            Path errors = Files.createTempFile(directory, "errors-", ".txt");
            ProcessBuilder builder = new ProcessBuilder(launch.command()).redirectError(errors.toFile());
            builder.environment().putAll(launch.environment());
            return new Fork(builder.start(), errors);
        } catch (IOException failure) {
            throw new ForkException("process can't be started: found=" + failure, failure);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(answers::add);
        } catch (IOException | UncheckedIOException gone) {
            // As an end: whoever waits learns it.
        }
        answers.add(END);
    }

    /**
     * Waits until the allocator is open.
     *
     * @throws ForkException if it does not open in this time
     */
    public void awaitReady(long seconds) throws ForkException {
        String answer = await(seconds, "ready");
        capabilities = EnumSet.noneOf(Capability.class);
        Arrays.stream(answer.split(" "))
                .filter(word -> !word.isEmpty())
                .map(Capability::valueOf)
                .forEach(capabilities::add);
    }

    /** What the allocator can do; known when it is ready. */
    public Set<Capability> capabilities() {
        return capabilities;
    }

    /**
     * Has one round run.
     *
     * @throws ForkException if the round fails, the process ends, or no answer comes in this time
     */
    public Round round(WorkloadSpec spec, long nanos, long seconds) throws ForkException {
        requests.println("round " + nanos + " " + spec.text());
        return Round.parse(await(seconds, "ok"));
    }

    /**
     * Has one round run with each operation timed by itself. The process should do nothing else: what it measures later is
     * slower.
     *
     * @throws ForkException as {@link #round}
     */
    public Latencies latencies(WorkloadSpec spec, long nanos, long seconds) throws ForkException {
        requests.println("latency " + nanos + " " + spec.text());
        return Latencies.parse(await(seconds, "ok"));
    }

    /**
     * Has one iteration of a benchmark of frames run.
     *
     * @throws ForkException as {@link #round}
     */
    public FrameCost frames(FrameSpec spec, long seconds) throws ForkException {
        requests.println("frames 0 " + spec.text());
        return FrameCost.parse(await(seconds, "ok"));
    }

    private String await(long seconds, String expected) throws ForkException {
        String answer;
        try {
            answer = answers.poll(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new ForkException("interrupted while waiting", interrupted);
        }
        if (answer == null) {
            process.destroyForcibly();
            throw new ForkException("no answer in " + seconds + " s");
        }
        if (answer.equals(END)) {
            throw new ForkException("process ended" + lastError());
        }
        String[] parts = answer.split(" ", 2);
        if (!parts[0].equals(expected)) {
            throw new ForkException(parts[0].equals("failed") ? parts[1] : "unexpected answer: found=" + answer);
        }
        return parts.length == 1 ? "" : parts[1];
    }

    private String lastError() {
        try {
            int exit = process.waitFor();
            List<String> lines = Files.readAllLines(errors, StandardCharsets.ISO_8859_1);
            return ": exit=" + exit + " found="
                    + crash(lines).or(() -> lastError(lines)).orElse("");
        } catch (IOException | InterruptedException unreadable) {
            return "";
        }
    }

    // What the virtual machine says of a crash in native code: the signal, and the library it was raised in.
    private static Optional<String> crash(List<String> lines) {
        String said = lines.stream()
                .filter(line -> line.startsWith("#  SIG") || line.startsWith("# C "))
                .map(line -> line.substring(1).strip())
                .collect(Collectors.joining(" in "));
        return said.isEmpty() ? Optional.empty() : Optional.of(said);
    }

    private static Optional<String> lastError(List<String> lines) {
        return lines.stream()
                .filter(line -> line.contains("rror") || line.contains("xception"))
                .findFirst()
                .or(() -> lines.stream().reduce((first, second) -> second))
                .map(String::strip);
    }

    /** Ends the child. */
    @Override
    public void close() {
        requests.close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
