package pmem.testkit.contract;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Random tests that can be repeated: the seed is {@code -Dpmem.seed} or chosen anew, and a failure prints the command that runs
 * the test again with the same one.
 */
public final class Seeded {
    private static final String SEED = "pmem.seed";

    /** The body of a random test. */
    @FunctionalInterface
    public interface Body {
        /** Runs with a generator made from the seed. */
        void run(Random random) throws Exception;
    }

    private Seeded() {}

    /** The seed to use: {@code -Dpmem.seed}, or one that differs from run to run. */
    public static long seed() {
        String chosen = System.getProperty(SEED, "");
        return chosen.isEmpty() ? System.nanoTime() : Long.decode(chosen);
    }

    /** The command that runs a test class again with a seed and, unless empty, more options. */
    public static String command(Class<?> testClass, long seed, String options) {
        return "mvn test" + projectOption() + " -Dtest=" + testClass.getSimpleName() + " -D" + SEED + "=" + seed
                + (options.isEmpty() ? "" : " " + options);
    }

    /** Runs a body; a failure's message has the command that repeats it. */
    public static void run(Class<?> testClass, String options, Body body) {
        long seed = seed();
        try {
            body.run(new Random(seed));
        } catch (Exception | AssertionError failure) {
            throw new AssertionError(
                    failure.getMessage() + System.lineSeparator() + "repeat with: " + command(testClass, seed, options),
                    failure);
        }
    }

    // Surefire sets basedir to the module's directory; Maven selects modules by that name from the directory above.
    private static String projectOption() {
        String directory = System.getProperty("basedir", "");
        if (directory.isEmpty()) {
            return "";
        }
        Path module = Path.of(directory).toAbsolutePath().normalize();
        Path parent = module.getParent();
        return parent != null && Files.exists(parent.resolve("pom.xml")) ? " -pl " + module.getFileName() : "";
    }
}
