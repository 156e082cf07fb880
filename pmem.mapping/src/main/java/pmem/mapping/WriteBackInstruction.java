package pmem.mapping;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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
     * The best one that the processor has and the kernel lists: the kernel takes instructions out of its list that are broken
     * or were disabled at boot. Where its list can't be read, the processor's word is enough.
     */
    static WriteBackInstruction ofProcessor() {
        return best(CpuId::has, kernelFlags());
    }

    static WriteBackInstruction best(Predicate<WriteBackInstruction> processorHas, Optional<Set<String>> listed) {
        for (WriteBackInstruction instruction : values()) {
            boolean allowed =
                    listed.map(flags -> flags.contains(instruction.mnemonic())).orElse(true);
            if (allowed && processorHas.test(instruction)) {
                return instruction;
            }
        }
        return CLFLUSH;
    }

    private static Optional<Set<String>> kernelFlags() {
        try {
            return Optional.of(flagsIn(Files.readString(CPU_FACTS)));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** The flags that a text like {@code /proc/cpuinfo} lists for the first processor. */
    static Set<String> flagsIn(String text) {
        String flagLine = text.lines()
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .orElse("");
        return Set.copyOf(SPACE.splitAsStream(flagLine).toList());
    }
}
