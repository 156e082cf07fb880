package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;

/**
 * A page of machine code; never writable and executable at once. On AArch64 the kernel makes the instruction cache see the
 * code when the page becomes executable.
 *
 * @param address start of the first function; 0 if there is none
 * @param reason why there is none; empty if there is
 */
record CodePage(long address, String reason) {
    private static final long PAGE_BYTES = 4096;
    private static final long FUNCTION_STRIDE = 128;
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
            return NativeFunctions.criticalFunction(address + index * FUNCTION_STRIDE, longParameters);
        }
        return nothing(longParameters);
    }

    /** A function that does nothing. */
    static MethodHandle nothing(int longParameters) {
        Class<?>[] parameters = new Class<?>[longParameters];
        Arrays.fill(parameters, long.class);
        return MethodHandles.empty(MethodType.methodType(void.class, parameters));
    }
}
