package pmem.testkit.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;

/**
 * The negative control: new files written through an ordinary mapping, on the same device as the pools, and acknowledged like
 * them. The cut must lose the last ones, or it is no cut.
 */
final class Control {
    private static final long BYTES = 64 << 10;
    private static final long INTERVAL_NANOS = 200_000_000;

    private final Path directory;
    private final Console console;

    Control(Path directory, Console console) {
        this.directory = directory;
        this.console = console;
    }

    private Path file(long number) {
        return directory.resolve("control-" + number);
    }

    /** Says whether the last file that was acknowledged is there, and returns its number. */
    long judge(long last) {
        if (last > 0) {
            console.say("control " + (isWhole(last) ? "kept" : "lost") + " file=" + last);
        }
        for (long number = 1; number <= last; number++) {
            delete(number);
        }
        return last;
    }

    private boolean isWhole(long number) {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file(number), StandardOpenOption.READ)) {
            if (channel.size() < BYTES) {
                return false;
            }
            MemorySegment content = channel.map(FileChannel.MapMode.READ_ONLY, 0, BYTES, arena);
            for (long offset = 0; offset < BYTES; offset += Long.BYTES) {
                if (content.get(ValueLayout.JAVA_LONG, offset) != number) {
                    return false;
                }
            }
            return true;
        } catch (IOException missing) {
            return false;
        }
    }

    private void delete(long number) {
        try {
            Files.deleteIfExists(file(number));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Writes one file after the other, in a thread that ends with the process. */
    void start(long last) {
        Thread thread = new Thread(() -> run(last), "control");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(long last) {
        for (long number = last + 1; !Thread.currentThread().isInterrupted(); number++) {
            write(number);
            console.control(number);
            LockSupport.parkNanos(INTERVAL_NANOS);
        }
    }

    private void write(long number) {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(
                        file(number), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment content = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena);
            for (long offset = 0; offset < BYTES; offset += Long.BYTES) {
                content.set(ValueLayout.JAVA_LONG, offset, number);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
