package pmem.tool.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import pmem.api.Size;

/**
 * Where and how figures were measured.
 *
 * @param machine processor, memory, kernel and load before the run
 * @param jdk name and version of the JVM
 * @param commit commit of the source tree, or {@code unknown}
 * @param command what the user typed
 */
record RunFacts(String machine, String jdk, String commit, String command) {
    /** Set by the launcher to the root of the source tree. */
    private static final String HOME = "pmem.home";

    static RunFacts now(String command) {
        String jdk = System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version");
        return new RunFacts(describeMachine(), jdk, findCommit(), command);
    }

    private static String describeMachine() {
        int processors = Runtime.getRuntime().availableProcessors();
        String load = firstLine(Path.of("/proc/loadavg")).split(" ", 2)[0];
        return fact("/proc/cpuinfo", "model name")
                + ", " + processors + (processors == 1 ? " processor" : " processors")
                + ", " + memory()
                + ", " + System.getProperty("os.name") + " " + System.getProperty("os.version")
                + ", load average " + (load.isEmpty() ? "unknown" : load) + " before the run";
    }

    private static String memory() {
        String kibibytes = fact("/proc/meminfo", "MemTotal").replace(" kB", "");
        try {
            return Size.format(Size.mib(Long.parseLong(kibibytes) / 1024)) + " memory";
        } catch (NumberFormatException unknown) {
            return "memory unknown";
        }
    }

    private static String fact(String file, String name) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException notLinux) {
            return "unknown";
        }
    }

    private static String firstLine(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst().orElse("");
        } catch (IOException notLinux) {
            return "";
        }
    }

    private static String findCommit() {
        String home = System.getProperty(HOME, "");
        if (home.isEmpty()) {
            return "unknown";
        }
        try {
            Process git = new ProcessBuilder("git", "-C", home, "describe", "--always", "--dirty", "--abbrev=12")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            boolean ended = git.waitFor(10, TimeUnit.SECONDS);
            return ended && !answer.isEmpty() ? answer.toLowerCase(Locale.ROOT) : "unknown";
        } catch (IOException noGit) {
            return "unknown";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
