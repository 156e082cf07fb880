package pmem.testkit.contract;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import pmem.api.DurabilityDomain;
import pmem.spi.Providers;
import pmem.spi.RegionProvider;

/**
 * Which directory gives test pools which durability domain: the first of {@code /dev/shm}, the temporary directory and the
 * directory of the build that offers it, or the one that the system property {@code pmem.dir} names for all. The property
 * {@code pmem.device} names a device of persistent memory instead, which holds one pool at a time; {@code pmem.domain} leaves one domain.
 */
final class PoolDirectories {
    private static final String CHOSEN = "pmem.dir";
    private static final String DEVICE = "pmem.device";
    private static final String DOMAIN = "pmem.domain";
    private static final String NAME = "pmem-domains.pool";

    private PoolDirectories() {}

    /** Directories to look in, the one that most pools go to first. */
    private static List<Path> candidates() {
        String chosen = System.getProperty(CHOSEN, "");
        if (!chosen.isEmpty()) {
            return List.of(Path.of(chosen));
        }
        if (device().isPresent()) {
            return List.of(Path.of(System.getProperty("java.io.tmpdir")));
        }
        List<Path> candidates = new ArrayList<>();
        for (String directory : List.of("/dev/shm", System.getProperty("java.io.tmpdir"), "target")) {
            Path path = Path.of(directory).toAbsolutePath();
            if (Files.isDirectory(path) && Files.isWritable(path)) {
                candidates.add(path);
            }
        }
        return candidates;
    }

    /** The domains that files have where most pools go, strongest first. */
    static Set<DurabilityDomain> mainDomains() {
        return offeredIn(candidates().getFirst());
    }

    /** The domains that only files elsewhere have. */
    static Set<DurabilityDomain> otherDomains() {
        Set<DurabilityDomain> others = EnumSet.noneOf(DurabilityDomain.class);
        others.addAll(directories().keySet());
        others.removeAll(mainDomains());
        return others;
    }

    /** Whether one domain was chosen, and no pools are wanted on any other. */
    static boolean isOneDomain() {
        return !System.getProperty(DOMAIN, "").isEmpty();
    }

    /** The device all pools are on, if one was chosen. */
    static Optional<Path> device() {
        return Optional.of(System.getProperty(DEVICE, ""))
                .filter(named -> !named.isEmpty())
                .map(Path::of);
    }

    /** A directory for pools of a domain; anonymous memory has the main one. */
    static Path of(DurabilityDomain domain) {
        return directories().getOrDefault(domain, candidates().getFirst());
    }

    private static Map<DurabilityDomain, Path> directories() {
        Map<DurabilityDomain, Path> directories = new EnumMap<>(DurabilityDomain.class);
        for (Path candidate : candidates()) {
            offeredIn(candidate).forEach(domain -> directories.putIfAbsent(domain, candidate));
        }
        return Collections.unmodifiableMap(directories);
    }

    private static Set<DurabilityDomain> offeredIn(Path directory) {
        Set<DurabilityDomain> offered = new LinkedHashSet<>(
                Providers.only(RegionProvider.class).domains(device().orElse(directory.resolve(NAME))));
        String only = System.getProperty(DOMAIN, "");
        offered.removeIf(domain -> !only.isEmpty() && !domain.id().equals(only));
        return offered;
    }

    /** Which domains tests run on and where, and which this machine lacks, one line each. */
    static String describe() {
        Map<DurabilityDomain, Path> directories = directories();
        StringJoiner text = new StringJoiner("\n");
        for (DurabilityDomain domain : DurabilityDomain.values()) {
            if (directories.containsKey(domain)) {
                text.add(domain.id() + ": in " + device().orElse(directories.get(domain))
                        + (mainDomains().contains(domain)
                                ? ""
                                : ", for one policy a theme; for all with -D" + CHOSEN + "="
                                        + directories.get(domain)));
            } else if (domain == DurabilityDomain.VOLATILE) {
                text.add(domain.id() + ": in anonymous memory");
            } else {
                text.add(domain.id() + ": not run, no file has it in any of " + candidates());
            }
        }
        return text.toString();
    }
}
