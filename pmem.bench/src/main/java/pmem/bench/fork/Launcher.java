package pmem.bench.fork;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import pmem.bench.allocator.Rival;
import pmem.bench.allocator.Rival.Needs;
import pmem.bench.allocator.Setting;
import pmem.bench.allocator.Subject;

/** Knows how the child of each allocator is started, and what it lacks on this machine. */
public final class Launcher {
    private static final String LIBRARY_PROPERTY = "pmem.bench.library";

    // The C library left alone gives memory back to the system at every chance and then measures the system; keeping it
    // is what
    // a program that cares about speed asks for. The last value is the largest it takes.
    private static final Map<String, String> KEEP_MEMORY = Map.of(
            "MALLOC_TRIM_THRESHOLD_", "17179869184",
            "MALLOC_TOP_PAD_", "67108864",
            "MALLOC_MMAP_THRESHOLD_", "33554432");

    private final CDriver mallocDriver;
    private final CDriver pmemobjDriver;

    /** A launcher whose compiled drivers go to this directory. */
    public Launcher(Path directory) {
        mallocDriver = new CDriver(directory, CDriver.Target.MALLOC);
        pmemobjDriver = new CDriver(directory, CDriver.Target.PMEMOBJ);
    }

    /**
     * How to start the child.
     *
     * @throws ForkException with the reason why this allocator can't be run here
     */
    public Launch launch(Subject subject, Setting setting) throws ForkException {
        Optional<Rival> rival = Rival.of(subject.allocator());
        if (rival.isEmpty()) {
            return new Launch(java(List.of(), subject, setting), Map.of());
        }
        Needs needs = rival.get().needs();
        Optional<Path> library = library(needs);
        Map<String, String> environment = environment(needs, library);
        if (needs.compiler()) {
            return new Launch(inC(rival.get(), setting, library), environment);
        }
        List<String> options = new ArrayList<>();
        library.ifPresent(path -> options.add("-D" + LIBRARY_PROPERTY + "=" + path));
        if (!needs.module().isEmpty() && isModular()) {
            options.addAll(List.of("--add-modules", needs.module()));
        }
        return new Launch(java(options, subject, setting), environment);
    }

    private List<String> inC(Rival rival, Setting setting, Optional<Path> library) throws ForkException {
        List<String> own = List.of(setting.directory().toString(), Integer.toString(setting.slots()));
        List<String> command = new ArrayList<>();
        switch (rival) {
            case C_PMEMOBJ, C_PMEMOBJ_SLOT -> {
                command.add(pmemobjDriver.program().toString());
                command.add(rival == Rival.C_PMEMOBJ ? "pmemobj" : "pmemobj-slot");
                command.addAll(own);
                command.add(Long.toString(setting.capacityBytes()));
                command.add(library.orElseThrow().toString());
            }
            default -> {
                command.add(mallocDriver.program().toString());
                command.add(rival == Rival.C_FLOOR ? "floor" : "malloc");
                command.addAll(own);
            }
        }
        return command;
    }

    private static Optional<Path> library(Needs needs) throws ForkException {
        if (needs.libraries().isEmpty()) {
            return Optional.empty();
        }
        Optional<Path> found = NativeLibraries.find(needs.libraries());
        if (found.isEmpty()) {
            throw new ForkException(String.join(" or ", needs.libraries()) + " not found; install Debian package "
                    + needs.debianPackage() + " or name its folder in " + NativeLibraries.VARIABLE);
        }
        return found;
    }

    private static Map<String, String> environment(Needs needs, Optional<Path> library) {
        Map<String, String> environment = new HashMap<>(KEEP_MEMORY);
        if (needs.preload()) {
            library.ifPresent(path -> environment.put("LD_PRELOAD", path.toString()));
        }
        if (needs.isDurable()) {
            // PMDK takes a tmpfs for what it is and would call msync; so it writes cache lines back, as all others do.
            environment.put("PMEM_IS_PMEM_FORCE", "1");
        }
        String folders = NativeLibraries.ownFolders();
        if (!folders.isEmpty()) {
            String inherited = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
            environment.put(
                    "LD_LIBRARY_PATH", inherited.isEmpty() ? folders : folders + File.pathSeparator + inherited);
        }
        return environment;
    }

    private static boolean isModular() {
        return Launcher.class.getModule().isNamed();
    }

    // The same java and the same code: as modules, or in tests from the class path with the other modules beside it.
    private static List<String> java(List<String> options, Subject subject, Setting setting) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // No thread of the collector takes a processor while a workload runs.
        command.addAll(
                List.of("-XX:+UseSerialGC", "-Xms64m", "-Xmx512m", "-XX:MaxDirectMemorySize=4g", "-XX:-UsePerfData"));
        // A crash in a native library is told among the errors, not between the answers, and leaves no file.
        command.addAll(List.of("-XX:+DisplayVMOutputToStderr", "-XX:ErrorFile=/dev/null"));
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(options);
        String modulePath = System.getProperty("jdk.module.path", "");
        if (!modulePath.isEmpty()) {
            command.addAll(List.of("--module-path", modulePath));
        }
        command.addAll(isModular() ? modular(options) : onClassPath());
        command.addAll(ForkMain.arguments(subject, setting));
        return command;
    }

    private static List<String> modular(List<String> options) {
        String own = Launcher.class.getModule().getName();
        String nativeAccess = "pmem.mapping," + own;
        if (options.contains("llpl")) {
            nativeAccess += ",llpl";
        }
        if (options.contains("io.netty.buffer")) {
            nativeAccess += ",io.netty.common";
        }
        return List.of("--enable-native-access=" + nativeAccess, "--module", own + "/" + ForkMain.class.getName());
    }

    private static List<String> onClassPath() {
        String modules = ModuleLayer.boot().modules().stream()
                .map(Module::getName)
                .filter(name -> name.startsWith("pmem."))
                .sorted()
                .collect(Collectors.joining(","));
        return List.of(
                "--add-modules",
                modules,
                "--enable-native-access=ALL-UNNAMED,pmem.mapping",
                "--class-path",
                System.getProperty("java.class.path"),
                ForkMain.class.getName());
    }
}
