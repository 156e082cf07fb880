package pmem.mapping;

import java.lang.ref.Cleaner;
import java.util.Locale;

/** What the process runs on; fixed for its lifetime. */
final class Platform {
    private static final String ARCHITECTURE = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);

    /** Whether files can be mapped: {@link Posix} has Linux's numbers. */
    static final boolean LINUX = System.getProperty("os.name", "").startsWith("Linux");

    static final boolean X86_64 = ARCHITECTURE.equals("amd64") || ARCHITECTURE.equals("x86_64");

    static final boolean AARCH64 = ARCHITECTURE.equals("aarch64");

    /** Gives back what forgotten regions leave: one thread for the module. */
    static final Cleaner CLEANER = Cleaner.create();

    private Platform() {}

    /** For messages: system and processor. */
    static String description() {
        return System.getProperty("os.name", "unknown") + "/" + ARCHITECTURE;
    }
}
