package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Asks the processor by its {@code cpuid} instruction what it can do. */
final class CpuId {
    private static final int LEAF_MAX = 0;
    private static final int LEAF_EXTENDED_FEATURES = 7;
    private static final int CLFLUSHOPT_BIT = 23;
    private static final int CLWB_BIT = 24;

    private static final long ANSWER_BYTES = 16;
    private static final long EAX_OFFSET = 0;
    private static final long EBX_OFFSET = 4;

    private CpuId() {}

    /** Whether the processor has the instruction; what every x86-64 processor has is true without asking. */
    static boolean has(WriteBackInstruction instruction) {
        return switch (instruction) {
            case CLWB -> isSet(extendedFeatures(), CLWB_BIT);
            case CLFLUSHOPT -> isSet(extendedFeatures(), CLFLUSHOPT_BIT);
            case CLFLUSH -> true;
        };
    }

    private static boolean isSet(int word, int bit) {
        return (word >>> bit & 1) != 0;
    }

    // Register ebx of leaf 7; 0 where the processor cannot be asked. The page is needed once and given back.
    private static int extendedFeatures() {
        if (!Platform.LINUX || !Platform.X86_64) {
            return 0;
        }
        CodePage page = CodePage.place(CacheLineCode.cpuid());
        if (!page.isPlaced()) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ANSWER_BYTES, Long.BYTES);
            ask(page, LEAF_MAX, answer);
            // Beyond its last leaf a processor answers with another leaf's figures.
            if (answer.get(JAVA_INT, EAX_OFFSET) < LEAF_EXTENDED_FEATURES) {
                return 0;
            }
            ask(page, LEAF_EXTENDED_FEATURES, answer);
            return answer.get(JAVA_INT, EBX_OFFSET);
        } finally {
            page.remove();
        }
    }

    private static void ask(CodePage page, long leaf, MemorySegment answer) {
        try {
            page.function(0, 2).invokeExact(leaf, answer.address());
        } catch (Throwable impossible) {
            throw new AssertionError("machine code cannot throw", impossible);
        }
    }
}
