package pmem.bench.fork;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the rivals' libraries: in the folders of the environment variable {@value #VARIABLE} (for libraries that are unpacked, not
 * installed), then where the system keeps them.
 */
final class NativeLibraries {
    static final String VARIABLE = "PMEM_BENCH_LIBRARIES";

    private static final List<String> SYSTEM_FOLDERS = List.of(
            "/usr/local/lib",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/lib/x86_64-linux-gnu",
            "/usr/lib64",
            "/usr/lib");

    private NativeLibraries() {}

    /** The first file of one of these names. */
    static Optional<Path> find(List<String> names) {
        for (String name : names) {
            for (String folder : folders()) {
                Path file = Path.of(folder, name);
                if (Files.isReadable(file)) {
                    return Optional.of(file);
                }
            }
        }
        return Optional.empty();
    }

    /** The folders named by the user, for the loader: libraries there depend on each other. */
    static String ownFolders() {
        return System.getenv().getOrDefault(VARIABLE, "");
    }

    private static List<String> folders() {
        List<String> folders = new ArrayList<>();
        for (String variable : List.of(ownFolders(), System.getenv().getOrDefault("LD_LIBRARY_PATH", ""))) {
            for (String folder : variable.split(File.pathSeparator, -1)) {
                if (!folder.isEmpty()) {
                    folders.add(folder);
                }
            }
        }
        folders.addAll(SYSTEM_FOLDERS);
        return folders;
    }
}
