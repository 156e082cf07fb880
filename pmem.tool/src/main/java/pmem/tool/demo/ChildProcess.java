package pmem.tool.demo;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import pmem.tool.common.ToolException;

/** A child as its parent sees it. Not thread-safe, apart from {@link #kill}. */
final class ChildProcess implements AutoCloseable {
    /** Exit value of a process that SIGKILL ended, as {@link Process#exitValue} gives it. */
    private static final int KILLED = 128 + 9;

    private final Process process;
    private final DataInputStream messages;
    private final Path errors;

    private ChildProcess(Process process, Path errors) {
        this.process = process;
        this.messages = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
        this.errors = errors;
    }

    /**
     * Starts a child and hands over to it.
     *
     * @param errors file that takes the child's standard error
     * @throws ToolException if the child can't be started or does not listen
     */
    static ChildProcess start(Handover handover, Path errors) {
        List<String> command = command();
        Process process;
        try {
            process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        } catch (IOException failure) {
            throw new ToolException(
                    "child process can't be started: command=" + command + ", found=" + failure, failure);
        }
        ChildProcess child = new ChildProcess(process, errors);
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16))) {
            handover.write(out);
        } catch (IOException gone) {
            try (child) {
                // It has stopped listening: what it says instead of its report is the reason.
                child.awaitReport();
                throw child.endedByItself(gone);
            }
        }
        return child;
    }

    // The same java, the same modules. Tests have the tool itself on the class path and the rest on the module path.
    private static List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current()
                .info()
                .command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        // A child lives for about a second: the second compiler and the parallel collector would finish nothing in that
        // time
        // but take half of the processors from the replay.
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        List<String> modules = ModuleLayer.boot().modules().stream()
                .map(Module::getName)
                .filter(name -> name.startsWith("pmem."))
                .sorted()
                .toList();
        String modulePath = System.getProperty("jdk.module.path", "");
        if (!modulePath.isEmpty()) {
            command.addAll(List.of("--module-path", modulePath));
        }
        if (!modules.isEmpty()) {
            command.addAll(List.of("--add-modules", String.join(",", modules)));
        }
        if (modules.contains("pmem.mapping")) {
            command.add("--enable-native-access=pmem.mapping");
        }
        Module tool = ChildProcess.class.getModule();
        if (tool.isNamed()) {
            command.addAll(List.of("--module", tool.getName() + "/pmem.tool.Main"));
        } else {
            command.addAll(List.of("--class-path", System.getProperty("java.class.path"), "pmem.tool.Main"));
        }
        command.add("demo-child");
        return command;
    }

    /**
     * Waits for the child's report.
     *
     * @throws ToolException if the child gives up or ends instead
     */
    ChildReport awaitReport() {
        try {
            require(Frames.OPENING, messages.readInt());
            require(Frames.REPORT, messages.readInt());
            return ChildReport.read(messages);
        } catch (IOException ended) {
            throw endedByItself(ended);
        }
    }

    private void require(int expected, int kind) throws IOException {
        if (kind == Frames.FAILURE) {
            throw new ToolException(messages.readUTF());
        }
        if (kind != expected) {
            throw new ToolException("child process sent nonsense: expected kind=" + expected + ", found=" + kind);
        }
    }

    /**
     * Kills the child a while after it began to open the pool, and passes on what it told before it died.
     *
     * @param reported gets the report, if the child came so far
     * @param acknowledged gets what the child acknowledged after its report
     * @return whether there was a whole report
     * @throws ToolException if the child gives up or ends before it is killed
     */
    boolean openUntilKilled(
            ScheduledExecutorService clock,
            long delayMillis,
            Consumer<ChildReport> reported,
            Consumer<Acknowledgement> acknowledged) {
        try {
            require(Frames.OPENING, messages.readInt());
        } catch (IOException ended) {
            throw endedByItself(ended);
        }
        var killing = clock.schedule(this::kill, delayMillis, TimeUnit.MILLISECONDS);
        try {
            Optional<ChildReport> report = reportBeforeEnd();
            report.ifPresent(reported);
            takeUntilKilled(acknowledged);
            return report.isPresent();
        } finally {
            killing.cancel(false);
        }
    }

    // A report is longer than PIPE_BUF, so a kill can cut it off; nothing comes after it then.
    private Optional<ChildReport> reportBeforeEnd() {
        try {
            int kind = nextKind();
            if (kind < 0) {
                return Optional.empty();
            }
            require(Frames.REPORT, kind);
            return Optional.of(ChildReport.read(messages));
        } catch (EOFException cutOff) {
            return Optional.empty();
        } catch (IOException failure) {
            throw endedByItself(failure);
        }
    }

    /**
     * Kills the child after a while and passes on everything it acknowledged before it died.
     *
     * @throws ToolException if the child gives up or ends before it is killed
     */
    void replayUntilKilled(ScheduledExecutorService clock, long delayMillis, Consumer<Acknowledgement> acknowledged) {
        var killing = clock.schedule(this::kill, delayMillis, TimeUnit.MILLISECONDS);
        try {
            takeUntilKilled(acknowledged);
        } finally {
            killing.cancel(false);
        }
    }

    private void takeUntilKilled(Consumer<Acknowledgement> acknowledged) {
        try {
            // The pipe ends when the last byte the child wrote has been read.
            for (int kind = nextKind(); kind >= 0; kind = nextKind()) {
                require(Frames.ACKNOWLEDGEMENT, kind);
                acknowledged.accept(Acknowledgement.read(messages));
            }
            if (process.waitFor() != KILLED) {
                throw endedByItself(new EOFException("end of messages"));
            }
        } catch (IOException torn) {
            throw endedByItself(torn);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted while the child was replaying", stop);
        }
    }

    private int nextKind() throws IOException {
        int first = messages.read();
        if (first < 0) {
            return -1;
        }
        return first << 24 | messages.readUnsignedByte() << 16 | messages.readUnsignedShort();
    }

    /** Sends SIGKILL. Unlike {@link Process#destroyForcibly} this keeps the pipe with what was acknowledged. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    /**
     * Waits until the child has ended.
     *
     * @throws ToolException if it did not end well
     */
    void awaitEnd() {
        try (InputStream rest = messages) {
            int kind = nextKind();
            if (kind == Frames.FAILURE) {
                throw new ToolException(messages.readUTF());
            }
            rest.transferTo(OutputStream.nullOutputStream());
            if (process.waitFor() != 0) {
                throw endedByItself(new EOFException("end of messages"));
            }
        } catch (IOException failure) {
            throw endedByItself(failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted while the child was ending", stop);
        }
    }

    private ToolException endedByItself(IOException cause) {
        try {
            int exit = process.waitFor();
            String words = Files.exists(errors) ? Files.readString(errors).strip() : "";
            String first = words.lines()
                    .filter(line -> !line.startsWith("WARNING"))
                    .findFirst()
                    .orElse("nothing");
            return new ToolException(
                    "child process ended by itself: exit=" + exit + ", its standard error begins with: " + first,
                    cause);
        } catch (IOException unreadable) {
            return new ToolException("child process ended by itself, and its standard error can't be read", unreadable);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return new ToolException("interrupted while the child was ending", stop);
        }
    }

    /** Kills the child if it still runs, and waits until it is gone, so that its files are free. */
    @Override
    public void close() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }
}
