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
import pmem.bench.measure.Allocator;
import pmem.bench.measure.RoundRunner;
import pmem.bench.measure.TimedAllocator;
import pmem.bench.measure.WorkloadSpec;

/** The child: opens one allocator and runs the rounds its parent asks for. */
public final class ForkMain {
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
        try (Allocator allocator = Allocators.open(subject, setting)) {
            answers.println(ready(allocator));
            serve(allocator, answers);
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

    private static void serve(Allocator allocator, PrintStream answers) throws IOException {
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.split(" ", 3);
            try {
                WorkloadSpec spec = WorkloadSpec.parse(words[2]);
                long nanos = Long.parseLong(words[1]);
                answers.println("ok "
                        + (words[0].equals("latency")
                                ? latencies(allocator, spec, nanos)
                                : round(allocator, spec, nanos)));
            } catch (RuntimeException | LinkageError failure) {
                answers.println(failed(failure));
            }
        }
    }

    private static String round(Allocator allocator, WorkloadSpec spec, long nanos) {
        return RoundRunner.run(allocator, spec, nanos).text();
    }

    private static String latencies(Allocator allocator, WorkloadSpec spec, long nanos) {
        TimedAllocator timed = new TimedAllocator(allocator);
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
