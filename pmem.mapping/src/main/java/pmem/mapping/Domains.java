package pmem.mapping;

import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

/** Finds out which durability domains a file has, and chooses one. */
final class Domains {
    private static final int PROBE_BYTES = 4096;
    private static final int OWN_FILE_MODE = 0600;

    private Domains() {}

    /** The domains of an open file, strongest first. */
    static Set<DurabilityDomain> ofDescriptor(int descriptor) {
        return of(isDax(descriptor), FileSystemFacts.ofDescriptor(descriptor).isInMemory());
    }

    /** The domains of a file that exists or could be created; empty if it cannot, or its file system cannot be asked. */
    static Set<DurabilityDomain> ofPath(Path path) {
        Optional<FileFacts> facts = FileFacts.of(path);
        if (facts.isPresent() && !facts.get().isRegular() && !facts.get().isDirectory()) {
            return Set.of();
        }
        int descriptor = Posix.open(path, Posix.O_RDONLY | Posix.O_NONBLOCK | Posix.O_CLOEXEC, 0);
        if (descriptor == -Errno.ENOENT && path.getParent() != null) {
            // A file without a name asks what a new file there would be; where there is none, so is no DAX.
            descriptor = Posix.open(path.getParent(), Posix.O_TMPFILE | Posix.O_RDWR | Posix.O_CLOEXEC, OWN_FILE_MODE);
            if (descriptor == -Errno.EOPNOTSUPP || descriptor == -Errno.EISDIR || descriptor == -Errno.EINVAL) {
                descriptor = Posix.open(path.getParent(), Posix.O_RDONLY | Posix.O_DIRECTORY | Posix.O_CLOEXEC, 0);
            }
        }
        if (descriptor < 0) {
            return Set.of();
        }
        try {
            return ofDescriptor(descriptor);
        } finally {
            Posix.close(descriptor);
        }
    }

    static Set<DurabilityDomain> of(boolean dax, boolean inMemory) {
        Set<DurabilityDomain> domains = new LinkedHashSet<>();
        if (dax) {
            domains.add(DurabilityDomain.SYNCHRONOUS_DAX);
            domains.add(DurabilityDomain.PERSISTENT_CACHES);
        }
        if (!inMemory) {
            domains.add(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE);
        }
        domains.add(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
        domains.add(DurabilityDomain.FORCED_CACHE_LINE);
        return Collections.unmodifiableSet(domains);
    }

    /**
     * The mechanism for what was asked, or for the strongest domain.
     *
     * @throws PoolOpenException with {@link Reason#DURABILITY_UNAVAILABLE} if the file does not have the domain
     */
    static Mechanism choose(Set<DurabilityDomain> available, Optional<DurabilityDomain> asked, Path path) {
        DurabilityDomain domain = asked.orElseGet(() -> available.iterator().next());
        if (!available.contains(domain)) {
            throw new PoolOpenException(
                    Reason.DURABILITY_UNAVAILABLE,
                    "durability domain is not available: expected one of "
                            + available.stream().map(DurabilityDomain::id).toList() + ", asked=" + domain.id()
                            + " pool="
                            + path + remedy(domain));
        }
        return Mechanism.of(domain, notes(domain, available, asked.isPresent()), CacheLines.unavailableReason());
    }

    private static List<String> notes(DurabilityDomain domain, Set<DurabilityDomain> available, boolean asked) {
        if (domain == DurabilityDomain.PERSISTENT_CACHES) {
            return List.of("that the platform's caches survive a power cut is taken on the caller's word");
        }
        EnumSet<DurabilityDomain> powerFailSafe = EnumSet.noneOf(DurabilityDomain.class);
        available.stream().filter(DurabilityDomain::survivesPowerLoss).forEach(powerFailSafe::add);
        if (!asked && powerFailSafe.isEmpty()) {
            return List.of("the file system keeps its files in memory only");
        }
        return List.of();
    }

    private static String remedy(DurabilityDomain domain) {
        return switch (domain) {
            case SYNCHRONOUS_DAX, PERSISTENT_CACHES ->
                "; put the pool on persistent memory with a file system mounted with -o dax, or ask for less";
            case PAGE_CACHE_POWER_FAIL_SAFE ->
                "; the file system keeps its files in memory only, put the pool on a disk";
            case VOLATILE -> "; open volatile memory without a path";
            case PAGE_CACHE_PROCESS_KILL_SAFE, FORCED_CACHE_LINE -> "";
        };
    }

    // The kernel accepts this only where a store needs no file system work to be found again after a power cut.
    private static boolean isDax(int descriptor) {
        int sharing = Posix.MAP_SHARED_VALIDATE | Posix.MAP_SYNC;
        long address = Posix.mmap(0, PROBE_BYTES, Posix.PROT_READ, sharing, descriptor);
        if (AddressRange.isError(address)) {
            return false;
        }
        Posix.munmap(address, PROBE_BYTES);
        return true;
    }
}
