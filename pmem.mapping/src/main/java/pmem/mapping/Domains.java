package pmem.mapping;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

/** Chooses the durability domain of a region, and finds out which ones a path has. */
final class Domains {
    private static final int OWN_FILE_MODE = 0600;

    private Domains() {}

    /** The medium of a file or device that exists or could be created; empty if it cannot, or cannot be asked. */
    static Optional<Medium> ofPath(Path path, Sysfs sysfs) {
        Optional<FileFacts> facts = FileFacts.of(path);
        Optional<DaxDevice> device = facts.flatMap(found -> DeviceFile.of(found, sysfs));
        if (device.isEmpty()
                && facts.isPresent()
                && !facts.get().isRegular()
                && !facts.get().isDirectory()) {
            return Optional.empty();
        }
        int descriptor = facts.filter(FileFacts::isDirectory).isPresent()
                ? openIn(path)
                : Posix.open(path, Posix.O_RDONLY | Posix.O_NONBLOCK | Posix.O_CLOEXEC, 0);
        if (descriptor == -Errno.ENOENT && path.getParent() != null) {
            descriptor = openIn(path.getParent());
        }
        if (descriptor < 0) {
            return Optional.empty();
        }
        try {
            return device.isPresent()
                    ? Medium.ofDevice(descriptor, device.get())
                    : Optional.of(Medium.ofFile(descriptor, sysfs));
        } finally {
            Posix.close(descriptor);
        }
    }

    // A file without a name asks what a new file there would be; where there is none, so is no DAX.
    private static int openIn(Path directory) {
        int descriptor = Posix.open(directory, Posix.O_TMPFILE | Posix.O_RDWR | Posix.O_CLOEXEC, OWN_FILE_MODE);
        boolean unknown = descriptor == -Errno.EOPNOTSUPP
                || descriptor == -Errno.EISDIR
                || descriptor == -Errno.EINVAL
                || descriptor == -Errno.EROFS
                || descriptor == -Errno.EACCES;
        return unknown ? Posix.open(directory, Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_CLOEXEC, 0) : descriptor;
    }

    /**
     * The mechanism for what was asked, or for the strongest domain.
     *
     * @throws PoolOpenException with {@link Reason#DURABILITY_UNAVAILABLE} if the medium does not have the domain, or no way
     *     of reaching it is left
     */
    static Mechanism choose(Medium medium, Optional<DurabilityDomain> asked, Path path) {
        Set<DurabilityDomain> available = medium.domains();
        DurabilityDomain domain = asked.orElseGet(() -> available.iterator().next());
        if (!available.contains(domain)) {
            throw new PoolOpenException(
                    Reason.DURABILITY_UNAVAILABLE,
                    "durability domain is not available: expected one of "
                            + available.stream().map(DurabilityDomain::id).toList() + ", asked=" + domain.id()
                            + " pool="
                            + path + remedy(domain, medium));
        }
        return Mechanism.of(domain, medium.kind(), notes(domain, medium, asked.isPresent()), CacheLines.availability())
                .orElseThrow(() -> new PoolOpenException(
                        Reason.DURABILITY_UNAVAILABLE,
                        "durability domain cannot be reached: asked=" + domain.id() + " pool=" + path
                                + " cause=" + CacheLines.unavailableReason()
                                + "; let the process make executable pages, install libpmem, or use a file on a DAX"
                                + " file system"));
    }

    private static List<String> notes(DurabilityDomain domain, Medium medium, boolean asked) {
        if (domain == DurabilityDomain.PERSISTENT_CACHES
                && medium.memory().persistence() == PersistenceDomain.UNKNOWN) {
            return List.of("that the platform's caches survive a power cut is taken on the caller's word");
        }
        EnumSet<DurabilityDomain> powerFailSafe = EnumSet.noneOf(DurabilityDomain.class);
        medium.domains().stream().filter(DurabilityDomain::survivesPowerLoss).forEach(powerFailSafe::add);
        if (!asked && powerFailSafe.isEmpty()) {
            return List.of("the file system keeps its files in memory only");
        }
        return List.of();
    }

    private static String remedy(DurabilityDomain domain, Medium medium) {
        return switch (domain) {
            case SYNCHRONOUS_DAX, PERSISTENT_CACHES ->
                medium.memory().persistence() == PersistenceDomain.MEMORY_CONTROLLER
                        ? "; the platform says that its caches do not survive a power cut"
                        : "; put the pool on persistent memory with a file system mounted with -o dax, or ask for less";
            case PAGE_CACHE_POWER_FAIL_SAFE ->
                medium.kind() == Medium.Kind.DEVDAX
                        ? "; a device of persistent memory has no page cache, ask for "
                                + DurabilityDomain.SYNCHRONOUS_DAX.id()
                        : "; the file system keeps its files in memory only, put the pool on a disk";
            case VOLATILE -> "; open volatile memory without a path";
            case PAGE_CACHE_PROCESS_KILL_SAFE, FORCED_CACHE_LINE -> "";
        };
    }
}
