package pmem.mapping;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The x86-64 instructions that move a cache line to memory, best first. */
enum WriteBackInstruction {
    /** Keeps the line in the cache; lines are written side by side. */
    CLWB,
    /** Drops the line from the cache; lines are written side by side. */
    CLFLUSHOPT,
    /** Drops the line from the cache; one line after the other. Every x86-64 processor has it. */
    CLFLUSH;

    private static final Path CPU_FACTS = Path.of("/proc/cpuinfo");
    private static final Pattern SPACE = Pattern.compile("\\s+");

    /** The name in assembler and in reports. */
    String mnemonic() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The best one of this processor.
     *
     * <p>Read from the kernel's list of flags instead of the processor itself, because the kernel takes instructions out of
     * it that are broken or were disabled at boot.
     */
    static WriteBackInstruction ofProcessor() {
        try {
            return ofCpuFacts(Files.readString(CPU_FACTS));
        } catch (IOException unreadable) {
            return CLFLUSH;
        }
    }

    /** The best one that a text like {@code /proc/cpuinfo} lists for the first processor. */
    static WriteBackInstruction ofCpuFacts(String text) {
        String flagLine = text.lines()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .orElse("");
        Set<String> flags = Set.copyOf(SPACE.splitAsStream(flagLine).toList());
        for (WriteBackInstruction instruction : values()) {
            if (flags.contains(instruction.mnemonic())) {
                return instruction;
            }
        }
        return CLFLUSH;
    }
}
