package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.OptionalLong;

/** Functions that are no system calls: those at an address, and those of libraries. Thread-safe. */
@SuppressWarnings("restricted")
final class NativeFunctions {
    private static final long AT_HWCAP = 16;
    private static final Linker LINKER = Linker.nativeLinker();

    private NativeFunctions() {}

    /** A function at an address that takes longs, returns nothing, blocks never and runs for microseconds at most. */
    static MethodHandle criticalFunction(long address, int longParameters) {
        FunctionDescriptor descriptor = FunctionDescriptor.ofVoid();
        for (int i = 0; i < longParameters; i++) {
            descriptor = descriptor.appendArgumentLayouts(JAVA_LONG);
        }
        return LINKER.downcallHandle(MemorySegment.ofAddress(address), descriptor, Linker.Option.critical(false));
    }

    /** A function of the C library, as the other one. */
    static MethodHandle criticalFunction(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(Posix.symbol(name), descriptor, Linker.Option.critical(false));
    }

    /** The processor's features, as the kernel gives them to every process. */
    static long hardwareCapabilities() {
        try {
            MethodHandle function =
                    LINKER.downcallHandle(Posix.symbol("getauxval"), FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
            return (long) function.invokeExact(AT_HWCAP);
        } catch (Throwable failure) {
            throw Posix.unexpected("getauxval", failure);
        }
    }

    /** Address of a function of a shared library, which stays loaded; empty if it is not installed. */
    static OptionalLong libraryFunction(String library, String name) {
        try {
            return SymbolLookup.libraryLookup(library, Arena.global())
                    .find(name)
                    .map(function -> OptionalLong.of(function.address()))
                    .orElse(OptionalLong.empty());
        } catch (IllegalArgumentException notInstalled) {
            return OptionalLong.empty();
        }
    }
}
