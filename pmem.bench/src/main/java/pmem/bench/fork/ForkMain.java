package pmem.bench.fork;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import pmem.bench.allocator.Allocators;
import pmem.bench.allocator.Setting;
import pmem.bench.allocator.Subject;
import pmem.bench.frames.FrameRunner;
import pmem.bench.frames.FrameSpec;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.RoundRunner;
import pmem.bench.measure.TimedAllocator;
import pmem.bench.measure.WorkloadSpec;

/** The child: opens one allocator and runs the rounds its parent asks for. */
public final class ForkMain {
    private static final double NANOS_PER_MILLI = 1e6;

    private ForkMain() {}

    /** Arguments as {@link #arguments} makes them. */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        // Libraries that print must not get between the answers.
        System.setOut(System.err);
        Subject subject = new Subject(arguments[0], arguments[1], arguments[2]);
        Setting setting = new Setting(
                Path.of(arguments[3]),
                Long.parseLong(arguments[4]),
                Integer.parseInt(arguments[5]),
                Boolean.parseBoolean(arguments[6]));
        long start = System.nanoTime();
        try (Allocator allocator = Allocators.open(subject, setting)) {
            double openMillis = (System.nanoTime() - start) / NANOS_PER_MILLI;
            answers.println(ready(allocator));
            serve(allocator, openMillis, answers);
        } catch (RuntimeException | LinkageError failure) {
            answers.println(failed(failure));
        }
    }

    static List<String> arguments(Subject subject, Setting setting) {
        return List.of(
                subject.allocator(),
                subject.policy(),
                subject.domain(),
                setting.directory().toString(),
                Long.toString(setting.capacityBytes()),
                Integer.toString(setting.slots()),
                Boolean.toString(setting.countPersists()));
    }

    private static String ready(Allocator allocator) {
        return "ready " + allocator.capabilities().stream().map(Enum::name).collect(Collectors.joining(" "));
    }

    private static void serve(Allocator allocator, double openMillis, PrintStream answers) throws IOException {
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.split(" ", 3);
            try {
                answers.println("ok " + answer(allocator, openMillis, words[0], Long.parseLong(words[1]), words[2]));
            } catch (RuntimeException | LinkageError failure) {
                answers.println(failed(failure));
            }
        }
    }

    private static String answer(Allocator allocator, double openMillis, String request, long nanos, String spec) {
        return switch (request) {
            case "round" -> round(allocator, WorkloadSpec.parse(spec), nanos);
            case "latency" -> latencies(allocator, WorkloadSpec.parse(spec), nanos);
            case "frames" ->
                FrameRunner.run(allocator, FrameSpec.parse(spec), openMillis).text();
            default -> throw new IllegalArgumentException("unknown request: found=" + request);
        };
    }

    private static String round(Allocator allocator, WorkloadSpec spec, long nanos) {
        return RoundRunner.run(allocator, spec, nanos).text();
    }

    private static String latencies(Allocator allocator, WorkloadSpec spec, long nanos) {
        TimedAllocator timed = new TimedAllocator(allocator.forThread(0));
        RoundRunner.run(timed, spec, nanos);
        return timed.latencies().text();
    }

    private static String failed(Throwable failure) {
        Throwable reason = failure;
        while (reason.getCause() != null) {
            reason = reason.getCause();
        }
        String text = String.valueOf(reason.getMessage()).replaceAll("\\s+", " ");
        return "failed " + reason.getClass().getSimpleName() + ": " + text;
    }
}
