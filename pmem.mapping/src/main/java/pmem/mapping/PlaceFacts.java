package pmem.mapping;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import pmem.spi.PlaceFact;

/** Collects what is known of a path and of the machine, for people. Changes nothing and fails never. */
final class PlaceFacts {
    private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)\\]");

    private final Sysfs sysfs;
    private final List<PlaceFact> facts = new ArrayList<>();

    private PlaceFacts(Sysfs sysfs) {
        this.sysfs = sysfs;
    }

    /** What is known of a file, device or directory, or of a file that could be made. */
    static List<PlaceFact> of(Path path, Sysfs sysfs) {
        PlaceFacts collected = new PlaceFacts(sysfs);
        Optional<Medium> medium = Domains.ofPath(path, sysfs);
        Optional<DaxDevice> device = PoolFile.deviceAt(path, sysfs);
        if (device.isPresent()) {
            collected.device(device.get());
        } else {
            collected.fileSystem(path);
        }
        medium.ifPresentOrElse(
                collected::medium,
                () -> collected.add(
                        "access",
                        "none: there is no file, device or directory a pool could be in",
                        "name a directory that exists and that this user may write to, or a device /dev/daxX.Y"));
        collected.machine();
        return collected.facts;
    }

    private void add(String name, String value, String remedy) {
        facts.add(new PlaceFact(name, value, remedy));
    }

    private void device(DaxDevice device) {
        add(
                "device",
                "devdax, sizeBytes=" + device.sizeBytes() + " alignmentBytes=" + device.alignmentBytes(),
                device.isUsable() ? "" : "make it anew: ndctl create-namespace -m devdax --align=2M");
    }

    private void fileSystem(Path path) {
        Path there = path;
        int descriptor = Posix.open(there, Posix.O_RDONLY | Posix.O_NONBLOCK | Posix.O_CLOEXEC, 0);
        Path parent = path.getParent();
        if (descriptor == -Errno.ENOENT && parent != null) {
            descriptor = Posix.open(parent, Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_CLOEXEC, 0);
        }
        if (descriptor < 0) {
            add(
                    "file system",
                    Errno.describe(-descriptor),
                    Errno.remedy(-descriptor).replaceFirst("^; ", ""));
            return;
        }
        try {
            FileSystemFacts found = FileSystemFacts.ofDescriptor(descriptor);
            add("file system", found.name(), "");
            add(
                    "free space",
                    found.availableBytes() == Long.MAX_VALUE ? "unknown" : found.availableBytes() + " bytes",
                    found.availableBytes() < AddressRange.ALIGNMENT_BYTES
                            ? "free some: a pool takes 2 MiB at least"
                            : "");
        } finally {
            Posix.close(descriptor);
        }
    }

    private void medium(Medium medium) {
        switch (medium.kind()) {
            case FSDAX -> add("access", "DAX file system: the processor stores into persistent memory", "");
            case DEVDAX -> add("access", "DAX device: the processor stores into persistent memory", "");
            case PAGE_CACHE ->
                add(
                        "access",
                        "page cache: each fence is an msync, thousands of times slower than a cache line",
                        "for more speed put pools on persistent memory with a file system mounted with -o dax, or let many"
                                + " calls share a flush with PoolOptions.groupCommit");
            case MEMORY ->
                add(
                        "access",
                        "memory: files here are gone after a restart of the system",
                        "put pools that must survive a power cut on a disk or on persistent memory");
        }
        if (medium.kind() == Medium.Kind.FSDAX || medium.kind() == Medium.Kind.DEVDAX) {
            persistence(medium.memory());
        }
    }

    private void persistence(DeviceMemory memory) {
        switch (memory.persistence()) {
            case CPU_CACHE -> add("persistence domain", "cpu_cache (eADR): a fence is enough", "");
            case MEMORY_CONTROLLER -> add("persistence domain", "memory_controller (ADR): lines are written back", "");
            case UNKNOWN ->
                add(
                        "persistence domain",
                        "unknown: lines are written back",
                        "if the platform has eADR, ask for the domain persistent-caches; a fence is enough then");
        }
        add(
                "node of the memory",
                memory.numaNode().isPresent()
                        ? Integer.toString(memory.numaNode().getAsInt())
                        : "unknown",
                "");
    }

    private void machine() {
        CacheLines.Availability lines = CacheLines.availability();
        add(
                "write-back of lines",
                lines.works() ? lines.writeBack() + ", fence " + lines.fence() : "none",
                lines.works()
                        ? lines.note().orElse("")
                        : lines.note().orElse("") + "; let the process make executable pages, or install libpmem");
        List<Integer> nodes = sysfs.nodes();
        add("NUMA nodes", nodes.isEmpty() ? "unknown" : nodes.toString(), "");
        hugePages("huge pages of memory", "kernel/mm/transparent_hugepage/enabled", "madvise");
        hugePages("huge pages of tmpfs", "kernel/mm/transparent_hugepage/shmem_enabled", "advise");
    }

    private void hugePages(String name, String attribute, String better) {
        String text = sysfs.attribute(attribute).orElse("");
        Matcher chosen = CHOSEN.matcher(text);
        String found = chosen.find() ? chosen.group(1) : "unknown";
        boolean off = found.equals("never") || found.equals("deny");
        add(name, found, off ? "for fewer misses of the address cache: echo " + better + " > /sys/" + attribute : "");
    }
}
