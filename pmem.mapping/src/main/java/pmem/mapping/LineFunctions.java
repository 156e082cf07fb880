package pmem.mapping;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import java.util.OptionalLong;
import pmem.spi.Region;

/**
 * The functions that write cache lines back and fence, and where they come from. The order of trying: code of our own for the
 * processor, with the best instruction it has; the library libpmem, if it is installed; nothing.
 *
 * @param writeBackLines takes the address of a line and a number of lines
 * @param fence takes nothing
 * @param writeBackLineAndFence takes any address of a line
 * @param storeAndFence takes the address of a word and its value, and stores past the cache; empty if that can't be done
 * @param availability whether they do anything, and what it is called
 */
record LineFunctions(
        MethodHandle writeBackLines,
        MethodHandle fence,
        MethodHandle writeBackLineAndFence,
        Optional<MethodHandle> storeAndFence,
        CacheLines.Availability availability) {
    private static final String LIBRARY = "libpmem.so.1";

    /** The first of them that this process can have. */
    static LineFunctions choose() {
        String obstacle;
        if (Platform.LINUX && Platform.X86_64) {
            WriteBackInstruction instruction = WriteBackInstruction.ofProcessor();
            CodePage page = CodePage.place(
                    CacheLineCode.writeBackLines(instruction),
                    CacheLineCode.fence(),
                    CacheLineCode.writeBackLineAndFence(instruction),
                    CacheLineCode.storeAndFence());
            if (page.isPlaced()) {
                return own(page, Optional.of(page.function(3, 2)), instruction.mnemonic(), "sfence");
            }
            obstacle = page.reason();
        } else if (Platform.LINUX && Platform.AARCH64) {
            ArmLineCode.Instruction instruction = ArmProcessor.instruction();
            int stepBytes = ArmProcessor.stepBytes();
            CodePage page = CodePage.place(
                    ArmLineCode.writeBackLines(instruction, stepBytes),
                    ArmLineCode.fence(),
                    ArmLineCode.writeBackLineAndFence(instruction, stepBytes));
            if (page.isPlaced()) {
                return own(page, Optional.empty(), instruction.mnemonic(), "dsb sy");
            }
            obstacle = page.reason();
        } else {
            obstacle = "the processor is neither x86-64 nor AArch64 with Linux: platform=" + Platform.description();
        }
        return ofLibrary(obstacle).orElseGet(() -> none(obstacle));
    }

    private static LineFunctions own(
            CodePage page, Optional<MethodHandle> storeAndFence, String instruction, String fence) {
        return new LineFunctions(
                page.function(0, 2),
                page.function(1, 0),
                page.function(2, 1),
                storeAndFence,
                new CacheLines.Availability(true, instruction, fence, Optional.empty()));
    }

    /** The functions of libpmem, which do the same with more ado. */
    static Optional<LineFunctions> ofLibrary(String obstacle) {
        if (!Platform.LINUX) {
            return Optional.empty();
        }
        OptionalLong flush = NativeFunctions.libraryFunction(LIBRARY, "pmem_flush");
        OptionalLong drain = NativeFunctions.libraryFunction(LIBRARY, "pmem_drain");
        if (flush.isEmpty() || drain.isEmpty()) {
            return Optional.empty();
        }
        MethodHandle flushBytes = NativeFunctions.criticalFunction(flush.getAsLong(), 2);
        MethodHandle fence = NativeFunctions.criticalFunction(drain.getAsLong(), 0);
        MethodHandle flushLines = MethodHandles.filterArguments(flushBytes, 1, LINES_TO_BYTES);
        MethodHandle flushLine = MethodHandles.insertArguments(flushBytes, 1, 1L);
        return Optional.of(new LineFunctions(
                flushLines,
                fence,
                MethodHandles.foldArguments(MethodHandles.dropArguments(fence, 0, long.class), flushLine),
                Optional.empty(),
                new CacheLines.Availability(
                        true,
                        "pmem_flush",
                        "pmem_drain",
                        Optional.of("lines are written back by the library libpmem: " + obstacle))));
    }

    private static LineFunctions none(String obstacle) {
        return new LineFunctions(
                CodePage.nothing(2),
                CodePage.nothing(0),
                CodePage.nothing(1),
                Optional.empty(),
                CacheLines.Availability.none(obstacle + "; libpmem is not installed either"));
    }

    private static final MethodHandle LINES_TO_BYTES = linesToBytes();

    private static MethodHandle linesToBytes() {
        try {
            return MethodHandles.lookup()
                    .findStatic(LineFunctions.class, "bytesOf", MethodType.methodType(long.class, long.class));
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError("method of this class not found", impossible);
        }
    }

    @SuppressWarnings("unused") // by its handle
    private static long bytesOf(long lines) {
        return lines * Region.LINE_BYTES;
    }
}
