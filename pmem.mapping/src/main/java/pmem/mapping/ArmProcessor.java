package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import pmem.mapping.ArmLineCode.Instruction;
import pmem.spi.Region;

/** What an AArch64 processor says of itself. */
final class ArmProcessor {
    private static final long HWCAP_DCPOP = 1 << 16;
    private static final int LINE_SHIFT = 16;
    private static final int LINE_MASK = 0xf;
    private static final int WORD_BYTES = 4;

    private ArmProcessor() {}

    /** The best instruction the kernel lets the process use. */
    static Instruction instruction() {
        return instruction(NativeFunctions.hardwareCapabilities());
    }

    static Instruction instruction(long capabilities) {
        return (capabilities & HWCAP_DCPOP) != 0 ? Instruction.CVAP : Instruction.CVAC;
    }

    /** Bytes to advance from one clean to the next: the processor's shortest line, at most ours. */
    static int stepBytes() {
        CodePage page = CodePage.place(ArmLineCode.cacheType());
        if (!page.isPlaced()) {
            return Region.LINE_BYTES;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(JAVA_LONG);
            page.function(0, 1).invokeExact(answer.address());
            return stepBytes(answer.get(JAVA_LONG, 0));
        } catch (Throwable impossible) {
            throw new AssertionError("machine code cannot throw", impossible);
        } finally {
            page.remove();
        }
    }

    // Bits 16 to 19 of CTR_EL0: logarithm of the words of the shortest data cache line.
    static int stepBytes(long cacheType) {
        int lineBytes = WORD_BYTES << (cacheType >>> LINE_SHIFT & LINE_MASK);
        return Math.min(lineBytes, Region.LINE_BYTES);
    }
}
