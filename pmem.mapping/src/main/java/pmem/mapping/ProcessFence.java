package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * A full fence in every running thread of this process: {@code membarrier(2)}, which interrupts the processors they run on, and those alone. Linux 4.14
 * and later. Thread-safe.
 */
final class ProcessFence {
    private static final long SYS_MEMBARRIER = Platform.AARCH64 ? 283 : 324;
    private static final int PRIVATE_EXPEDITED = 1 << 3;
    private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;

    /** In a class of its own, so that it is linked on Linux alone. */
    private static final class Call {
        private static final MethodHandle SYSCALL = Posix.find(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(1));

        private static final boolean REGISTERED = call(REGISTER_PRIVATE_EXPEDITED) && call(PRIVATE_EXPEDITED);

        private Call() {}

        private static boolean call(int command) {
            try {
                return (long) SYSCALL.invokeExact(Posix.captured(), SYS_MEMBARRIER, command, 0, 0) == 0;
            } catch (Throwable failure) {
                throw Posix.unexpected("membarrier", failure);
            }
        }
    }

    private ProcessFence() {}

    /** Makes the other threads pass; false, and then always, where the system does not offer that. */
    static boolean pass() {
        if (!Platform.LINUX || !Call.REGISTERED) {
            return false;
        }
        if (!Call.call(PRIVATE_EXPEDITED)) {
            throw new IllegalStateException(
                    "membarrier failed after it had worked: expected 0 of command " + PRIVATE_EXPEDITED);
        }
        return true;
    }
}
