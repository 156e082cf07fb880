package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import pmem.spi.Region;

/**
 * Writes cache lines back and fences by machine code of our own, placed once per process.
 *
 * <p>The handles are constants, so the JIT turns a call into a direct call of a few instructions. The calls are critical:
 * they hold off safepoints, so one call moves at most {@link #LINES_PER_CALL_MAX} lines.
 */
final class CacheLines {
    /** 64 KiB, some ten microseconds at most. */
    static final long LINES_PER_CALL_MAX = 1024;

    private static final WriteBackInstruction INSTRUCTION = WriteBackInstruction.ofProcessor();
    private static final CodePage CODE = Platform.LINUX && Platform.X86_64
            ? CodePage.place(
                    CacheLineCode.writeBackLines(INSTRUCTION),
                    CacheLineCode.fence(),
                    CacheLineCode.writeBackLineAndFence(INSTRUCTION))
            : CodePage.unavailable("the processor is not x86-64: platform=" + Platform.description());
    private static final MethodHandle WRITE_BACK_LINES = CODE.function(0, 2);
    private static final MethodHandle FENCE = CODE.function(1, 0);
    private static final MethodHandle WRITE_BACK_LINE_AND_FENCE = CODE.function(2, 1);

    private CacheLines() {}

    /** Why the functions below do nothing, as a part of a sentence; empty if they work. */
    static String unavailableReason() {
        return CODE.reason();
    }

    static WriteBackInstruction instruction() {
        return INSTRUCTION;
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

    /**
     * A page of machine code; never writable and executable at once.
     *
     * @param address start of the first function; 0 if there is none
     * @param reason why there is none; empty if there is
     */
    record CodePage(long address, String reason) {
        private static final long PAGE_BYTES = 4096;
        private static final long FUNCTION_STRIDE = 64;
        private static final int MEMORY = Posix.MAP_PRIVATE | Posix.MAP_ANONYMOUS;

        static CodePage unavailable(String reason) {
            return new CodePage(0, reason);
        }

        static CodePage place(byte[]... functions) {
            long address = Posix.mmap(0, PAGE_BYTES, Posix.PROT_READ | Posix.PROT_WRITE, MEMORY, -1);
            if (AddressRange.isError(address)) {
                return unavailable("no page for machine code: " + Errno.describe((int) -address));
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment page = Posix.view(address, PAGE_BYTES, arena, ignored -> {});
                for (int i = 0; i < functions.length; i++) {
                    MemorySegment.copy(functions[i], 0, page, JAVA_BYTE, i * FUNCTION_STRIDE, functions[i].length);
                }
            }
            int result = Posix.mprotect(address, PAGE_BYTES, Posix.PROT_READ | Posix.PROT_EXEC);
            if (result < 0) {
                Posix.munmap(address, PAGE_BYTES);
                return unavailable("the host refuses executable pages: " + Errno.describe(-result));
            }
            return new CodePage(address, "");
        }

        boolean isPlaced() {
            return address != 0;
        }

        /** Gives the page back; its functions must not be called any more. */
        void remove() {
            Posix.munmap(address, PAGE_BYTES);
        }

        MethodHandle function(int index, int longParameters) {
            if (isPlaced()) {
                return Posix.criticalFunction(address + index * FUNCTION_STRIDE, longParameters);
            }
            Class<?>[] parameters = new Class<?>[longParameters];
            Arrays.fill(parameters, long.class);
            return MethodHandles.empty(MethodType.methodType(void.class, parameters));
        }
    }
}
