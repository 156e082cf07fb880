package pmem.mapping;

import java.lang.invoke.MethodHandle;
import java.util.Optional;
import pmem.spi.Region;

/**
 * Writes cache lines back and fences, by machine code chosen once per process ({@link LineFunctions}).
 *
 * <p>The handles are constants, so the JIT turns a call into a direct call of a few instructions. The calls are critical:
 * they hold off safepoints, so one call moves at most {@link #LINES_PER_CALL_MAX} lines.
 */
final class CacheLines {
    /** 64 KiB, some ten microseconds at most. */
    static final long LINES_PER_CALL_MAX = 1024;

    private static final LineFunctions FUNCTIONS = LineFunctions.choose();
    private static final MethodHandle WRITE_BACK_LINES = FUNCTIONS.writeBackLines();
    private static final MethodHandle FENCE = FUNCTIONS.fence();
    private static final MethodHandle WRITE_BACK_LINE_AND_FENCE = FUNCTIONS.writeBackLineAndFence();

    private static final MethodHandle STORE_AND_FENCE =
            FUNCTIONS.storeAndFence().orElseGet(() -> CodePage.nothing(2));
    /** Whether words can be stored past the cache. */
    static final boolean STORES_PAST_CACHE = FUNCTIONS.storeAndFence().isPresent();

    private CacheLines() {}

    /**
     * Whether lines can be written back, and how.
     *
     * @param works whether the functions do anything
     * @param writeBack name of the instruction or function; empty if there is none
     * @param fence likewise
     * @param note why it is not the first choice; empty if it is
     */
    record Availability(boolean works, String writeBack, String fence, Optional<String> note) {
        static Availability none(String obstacle) {
            return new Availability(
                    false,
                    "",
                    "",
                    Optional.of("cache lines cannot be written back from this process, pages are flushed by msync"
                            + " instead: " + obstacle));
        }
    }

    static Availability availability() {
        return FUNCTIONS.availability();
    }

    /** Why the functions below do nothing, as a sentence; empty if they work. */
    static String unavailableReason() {
        return availability().works() ? "" : availability().note().orElse("");
    }

    /** Starts moving the lines that the addresses from {@code address} for {@code bytes > 0} touch. */
    static void writeBack(long address, long bytes) {
        long line = address & -Region.LINE_BYTES;
        long lines = (address + bytes - line + Region.LINE_BYTES - 1) / Region.LINE_BYTES;
        try {
            while (lines > 0) {
                long now = Math.min(lines, LINES_PER_CALL_MAX);
                WRITE_BACK_LINES.invokeExact(line, now);
                line += now * Region.LINE_BYTES;
                lines -= now;
            }
        } catch (Throwable impossible) {
            throw new AssertionError("machine code cannot throw", impossible);
        }
    }

    /** Waits for all lines this thread has started to move. */
    static void fence() {
        try {
            FENCE.invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError("machine code cannot throw", impossible);
        }
    }

    /** Both for the line that holds the address, in one call. */
    static void writeBackLineAndFence(long address) {
        try {
            WRITE_BACK_LINE_AND_FENCE.invokeExact(address);
        } catch (Throwable impossible) {
            throw new AssertionError("machine code cannot throw", impossible);
        }
    }

    /** Stores a word past the cache and waits for it and for all lines this thread has started to move. */
    static void storeAndFence(long address, long value) {
        try {
            STORE_AND_FENCE.invokeExact(address, value);
        } catch (Throwable impossible) {
            throw new AssertionError("machine code cannot throw", impossible);
        }
    }
}
