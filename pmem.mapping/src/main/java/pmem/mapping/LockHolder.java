package pmem.mapping;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Finds out who has a file locked, for messages. */
final class LockHolder {
    private static final Path LOCKS = Path.of("/proc/locks");
    private static final int KIND_FIELD = 1;
    private static final int PID_FIELD = 4;
    private static final int FILE_FIELD = 5;

    private LockHolder() {}

    /** For example {@code pid=4711 command=java}, or that the holder is not known. */
    static String describe(FileFacts file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(LOCKS);
        } catch (IOException unreadable) {
            return "holder=unknown";
        }
        OptionalLong pid = pidIn(lines, file);
        if (pid.isEmpty()) {
            return "holder=unknown";
        }
        if (pid.getAsLong() == ProcessHandle.current().pid()) {
            return "holder=this process pid=" + pid.getAsLong();
        }
        return "holder=another process pid=" + pid.getAsLong() + " command=" + command(pid.getAsLong());
    }

    /**
     * The process that a table of locks names for a file.
     *
     * <p>A line is {@code 1: FLOCK ADVISORY WRITE 4711 08:01:1234 0 EOF}: device numbers hexadecimal, inode decimal. Some
     * file systems show another device number there than in the file's attributes, so a line with the inode alone is taken
     * if none has both.
     */
    static OptionalLong pidIn(List<String> lines, FileFacts file) {
        String exact = String.format(Locale.ROOT, "%02x:%02x:%d", file.deviceMajor(), file.deviceMinor(), file.inode());
        String sameInode = ":" + file.inode();
        OptionalLong candidate = OptionalLong.empty();
        for (String line : lines) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length <= FILE_FIELD || !fields[KIND_FIELD].equals("FLOCK")) {
                continue;
            }
            if (fields[FILE_FIELD].equals(exact)) {
                return pid(fields[PID_FIELD]);
            }
            if (fields[FILE_FIELD].endsWith(sameInode)) {
                candidate = pid(fields[PID_FIELD]);
            }
        }
        return candidate;
    }

    // A holder outside this process's name space of processes shows as 0 or -1.
    private static OptionalLong pid(String text) {
        try {
            long pid = Long.parseLong(text);
            return pid > 0 ? OptionalLong.of(pid) : OptionalLong.empty();
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }

    private static String command(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
        } catch (IOException gone) {
            return "unknown";
        }
    }
}
