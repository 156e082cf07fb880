package pmem.mapping;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * How an opener locks a file: against everybody, against writers, or not at all; and how long it waits for others to give theirs
 * back. The kernel's own wait has no end that a time-out could set, so the lock is tried again and again.
 */
final class FileLock {
    private static final long PAUSE_NANOS_MIN = 1_000_000;
    private static final long PAUSE_NANOS_MAX = 50_000_000;

    private enum Kind {
        EXCLUSIVE,
        SHARED,
        NONE
    }

    private final Kind kind;
    private final long waitNanos;

    private FileLock(Kind kind, long waitNanos) {
        this.kind = kind;
        this.waitNanos = waitNanos;
    }

    /** Of the one writer. */
    static FileLock exclusive(Duration longestWait) {
        // More than the system's clock can count is for ever.
        boolean forEver = longestWait.compareTo(Duration.ofDays(365)) > 0;
        return new FileLock(Kind.EXCLUSIVE, forEver ? Long.MAX_VALUE : longestWait.toNanos());
    }

    /** Of readers that must not see a writer's changes. */
    static FileLock shared() {
        return new FileLock(Kind.SHARED, 0);
    }

    /** Of readers that may. */
    static FileLock none() {
        return new FileLock(Kind.NONE, 0);
    }

    /** Locks an open file; returns 0, or minus the error number: {@code EAGAIN} if somebody else has it to the end. */
    int take(int descriptor) {
        long started = System.nanoTime();
        long pauseNanos = PAUSE_NANOS_MIN;
        int result = attempt(descriptor);
        while (result == -Errno.EAGAIN
                && System.nanoTime() - started < waitNanos
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(pauseNanos);
            pauseNanos = Math.min(2 * pauseNanos, PAUSE_NANOS_MAX);
            result = attempt(descriptor);
        }
        return result;
    }

    private int attempt(int descriptor) {
        return switch (kind) {
            case EXCLUSIVE -> Posix.lockExclusively(descriptor);
            case SHARED -> Posix.lockShared(descriptor);
            case NONE -> 0;
        };
    }
}
