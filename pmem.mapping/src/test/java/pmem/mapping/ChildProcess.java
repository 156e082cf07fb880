package pmem.mapping;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import pmem.api.DurabilityDomain;
import pmem.spi.PersistPoint;
import pmem.spi.Region;
import pmem.spi.RegionOptions;

/** A second process: holds a region until it is killed, or reports what it found. */
final class ChildProcess implements AutoCloseable {
    private static final long CAPACITY_BYTES = 2 << 20;
    private static final int PR_SET_MDWE = 65;
    private static final long PR_MDWE_REFUSE_EXEC_GAIN = 1;

    private final Process process;
    private final BufferedReader output;

    private ChildProcess(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Runs {@link #main} with a verb and a path. */
    static ChildProcess start(String verb, Path path) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                // All code memory at once: a process that may not make memory executable cannot add some later.
                "-XX:ReservedCodeCacheSize=16m",
                "-XX:InitialCodeCacheSize=16m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp"));
        command.add(String.join(":", root(ChildProcess.class), root(MappingProvider.class), root(Region.class)));
        command.addAll(List.of(ChildProcess.class.getName(), verb, path.toString()));
        return new ChildProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    // Where a class lies, whichever module it is patched into.
    private static String root(Class<?> type) {
        String file = type.getName().replace('.', '/') + ".class";
        URL url = type.getResource(type.getSimpleName() + ".class");
        if (url == null) {
            throw new IllegalStateException("class file not found: " + file);
        }
        try {
            if (url.getProtocol().equals("jar")) {
                String jar = url.getPath().substring(0, url.getPath().indexOf("!/"));
                return Path.of(new URI(jar)).toString();
            }
            String path = Path.of(url.toURI()).toString();
            return path.substring(0, path.length() - file.length() - 1);
        } catch (URISyntaxException notAPath) {
            throw new IllegalStateException(notAPath);
        }
    }

    long pid() {
        return process.pid();
    }

    /** The next line the child prints. */
    String line() throws IOException {
        return Optional.ofNullable(output.readLine()).orElse("child ended");
    }

    /** As a power cut for the process: nothing in it runs any more. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** The child: {@code open}, {@code create} or {@code publish} and wait, or {@code forbid} executable pages. */
    public static void main(String[] arguments) throws Throwable {
        MappingProvider provider = new MappingProvider();
        Path path = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "open" -> waitWith(provider.open(path, RegionOptions.defaults()));
            case "create" -> waitWith(provider.create(path, CAPACITY_BYTES, RegionOptions.defaults()));
            case "publish" -> {
                Region region = provider.create(path, CAPACITY_BYTES, RegionOptions.defaults());
                region.publishCreated();
                region.storeRelease(64, 99);
                waitWith(region);
            }
            case "forbid" -> forbidExecutablePages(provider, path);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void waitWith(Region region) throws IOException {
        System.out.println("holding " + region.name());
        int ended = new InputStreamReader(System.in, StandardCharsets.UTF_8).read();
        System.out.println(ended);
        region.close();
    }

    @SuppressWarnings("restricted")
    private static void forbidExecutablePages(MappingProvider provider, Path path) throws Throwable {
        Linker linker = Linker.nativeLinker();
        int refused = (int) linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("prctl"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_LONG),
                        Linker.Option.firstVariadicArg(1))
                .invokeExact(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0L, 0L, 0L);
        RegionOptions forced = new RegionOptions(Optional.of(DurabilityDomain.FORCED_CACHE_LINE), true);
        try (Region region = provider.create(path, CAPACITY_BYTES, forced)) {
            region.storePlain(0, 1);
            region.writeBackAndFence(new PersistPoint("test.point", "Nothing depends on it."), 0);
            System.out.println(
                    (refused == 0 ? "forbidden " : "allowed ") + region.fences() + " " + region.durability());
        }
    }
}
