package pmem.mapping;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.spi.PlaceFact;
import pmem.spi.Region;
import pmem.spi.RegionOptions;
import pmem.spi.RegionProvider;

/** Maps files on Linux, and anonymous memory everywhere. */
public final class MappingProvider implements RegionProvider {
    private static final String ANONYMOUS_NAME = "volatile";

    private final Sysfs sysfs;

    /** For the service loader. */
    public MappingProvider() {
        this(Sysfs.SYSTEM);
    }

    /** With what is told of the devices by somebody else. */
    MappingProvider(Sysfs sysfs) {
        this.sysfs = sysfs;
    }

    @Override
    public Region open(Path path, RegionOptions options) {
        requireFiles(path, options);
        return map(
                PoolFile.open(named(path), options.preallocate(), FileLock.exclusive(options.lockWait()), sysfs),
                path,
                false,
                options);
    }

    @Override
    public Region view(Path path) {
        return view(path, FileLock.shared());
    }

    @Override
    public Region peek(Path path) {
        return view(path, FileLock.none());
    }

    private Region view(Path path, FileLock lock) {
        requireFiles(path, RegionOptions.defaults());
        PoolFile file = PoolFile.view(named(path), lock, sysfs);
        String name = path.toString();
        boolean kept = false;
        try {
            AddressRange range = AddressRange.reserve(file.bytes(), file.granularityBytes(), name);
            if (file.isDevice()) {
                // A device has no private pages; a store through the region is refused by the segment then.
                requireMapped(range.mapToRead(file.descriptor(), Posix.MAP_SHARED), name, file.bytes());
                Region region = MappedRegions.readOnly(name, range, file);
                kept = true;
                return region;
            }
            // Private pages: a store gives this process a copy of the page, and the file never sees it. Few are
            // stored to, so no memory is set aside for all.
            int sharing = Posix.MAP_PRIVATE | Posix.MAP_NORESERVE;
            requireMapped(range.mapFile(file.descriptor(), sharing, file.bytes()), name, file.bytes());
            Region region = MappedRegions.mapped(
                    name,
                    Mechanism.inMemory(),
                    file.bytes(),
                    range,
                    Optional.of(file),
                    false,
                    RegionOptions.defaults());
            kept = true;
            return region;
        } finally {
            if (!kept) {
                file.close();
            }
        }
    }

    @Override
    public Region create(Path path, long capacityBytes, RegionOptions options) {
        requireFiles(path, options);
        long bytes = rounded(capacityBytes);
        Path file = named(path);
        Optional<DaxDevice> device = PoolFile.deviceAt(file, sysfs);
        return device.isPresent()
                ? map(
                        PoolFile.takeDevice(file, device.get(), bytes, FileLock.exclusive(options.lockWait()), sysfs),
                        path,
                        false,
                        options)
                : map(PoolFile.create(file, bytes, options.preallocate(), sysfs), path, true, options);
    }

    @Override
    public boolean isDevice(Path path) {
        return Platform.LINUX
                && path.getFileSystem().equals(FileSystems.getDefault())
                && PoolFile.deviceAt(path.toAbsolutePath(), sysfs).isPresent();
    }

    @Override
    public Region anonymous(long capacityBytes, RegionOptions options) {
        long bytes = rounded(capacityBytes);
        DurabilityDomain asked = options.durability().orElse(DurabilityDomain.VOLATILE);
        if (asked != DurabilityDomain.VOLATILE) {
            throw new PoolOpenException(
                    Reason.DURABILITY_UNAVAILABLE,
                    "anonymous memory is never durable: expected=" + DurabilityDomain.VOLATILE.id() + " asked="
                            + asked.id() + "; open a pool with a path");
        }
        if (!Platform.LINUX) {
            return allocate(bytes, options);
        }
        AddressRange range =
                AddressRange.reserve(maxBytes(bytes, options), AddressRange.ALIGNMENT_BYTES, ANONYMOUS_NAME);
        requireMapped(range.mapMemory(), ANONYMOUS_NAME, bytes);
        List<String> notes = Placing.of(options.placement(), bytes, true, false, ANONYMOUS_NAME)
                .apply(range.address(), 0, bytes);
        return MappedRegions.mapped(
                ANONYMOUS_NAME, Mechanism.inMemory().with(notes), bytes, range, Optional.empty(), true, options);
    }

    @Override
    public Set<DurabilityDomain> domains(Path path) {
        return Platform.LINUX
                ? Domains.ofPath(path.toAbsolutePath(), sysfs)
                        .map(Medium::domains)
                        .orElse(Set.of())
                : Set.of();
    }

    @Override
    public List<PlaceFact> describe(Path path) {
        return Platform.LINUX
                ? PlaceFacts.of(path.toAbsolutePath(), sysfs)
                : List.of(new PlaceFact(
                        "access", "none: files can be mapped on Linux only", "open volatile memory without a path"));
    }

    private static Region map(PoolFile file, Path path, boolean zeroed, RegionOptions options) {
        String name = path.toString();
        boolean kept = false;
        try {
            Mechanism mechanism = Domains.choose(file.medium(), options.durability(), path);
            long bytes = file.bytes();
            AddressRange range = AddressRange.reserve(
                    file.isDevice() ? bytes : maxBytes(bytes, options), file.granularityBytes(), name);
            requireMapped(range.mapFile(file.descriptor(), mechanism.sharing(), bytes), name, bytes);
            requireMapped(range.mapMemory(bytes, range.bytes() - bytes), name, range.bytes());
            List<String> notes = Placing.of(
                            options.placement(),
                            bytes,
                            options.preallocate(),
                            file.medium().kind() == Medium.Kind.MEMORY,
                            name)
                    .apply(range.address(), 0, bytes);
            Region region =
                    MappedRegions.mapped(name, mechanism.with(notes), bytes, range, Optional.of(file), zeroed, options);
            kept = true;
            return region;
        } finally {
            if (!kept) {
                file.close();
            }
        }
    }

    private static Region allocate(long bytes, RegionOptions options) {
        try {
            return MappedRegions.allocated(ANONYMOUS_NAME, bytes, options);
        } catch (OutOfMemoryError | IllegalArgumentException refused) {
            throw new PoolOpenException(
                    Reason.SYSTEM,
                    "memory could not be allocated: bytes=" + bytes + "; ask for less capacity",
                    refused);
        }
    }

    private static void requireFiles(Path path, RegionOptions options) {
        if (!Platform.LINUX) {
            throw new PoolOpenException(
                    Reason.SYSTEM,
                    "files can be mapped on Linux only: platform=" + Platform.description() + " pool=" + path
                            + "; open volatile memory without a path");
        }
        // Before anything is made: no file system has this domain.
        if (options.durability().filter(DurabilityDomain.VOLATILE::equals).isPresent()) {
            throw new PoolOpenException(
                    Reason.DURABILITY_UNAVAILABLE,
                    "a file is never volatile: asked=" + DurabilityDomain.VOLATILE.id() + " pool=" + path
                            + "; open volatile memory without a path, or ask for another domain");
        }
    }

    private static Path named(Path path) {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            throw new PoolOpenException(
                    Reason.NOT_A_FILE,
                    "path cannot hold a pool: expected a path of the system's own files, found a path of "
                            + path.getFileSystem().provider().getScheme() + " pool=" + path);
        }
        Path absolute = path.toAbsolutePath();
        if (absolute.getFileName() == null) {
            throw new PoolOpenException(
                    Reason.NOT_A_FILE, "path cannot hold a pool: expected a file's name, found=directory pool=" + path);
        }
        return absolute;
    }

    private static void requireMapped(int result, String name, long bytes) {
        if (result < 0) {
            throw new PoolOpenException(
                    Reason.SYSTEM,
                    "pool could not be mapped: pool=" + name + " bytes=" + bytes + " " + Errno.describe(-result)
                            + Errno.remedy(-result));
        }
    }

    private static long maxBytes(long bytes, RegionOptions options) {
        return options.maxCapacityBytes() <= bytes ? bytes : rounded(options.maxCapacityBytes());
    }

    /** A capacity in whole huge pages. */
    static long rounded(long capacityBytes) {
        if (capacityBytes <= 0 || capacityBytes > Long.MAX_VALUE - 2 * AddressRange.ALIGNMENT_BYTES) {
            throw new IllegalArgumentException(
                    "capacity is not usable: expected more than 0 bytes and fewer than 2^63, found=" + capacityBytes);
        }
        return (capacityBytes + AddressRange.ALIGNMENT_BYTES - 1) & -AddressRange.ALIGNMENT_BYTES;
    }
}
