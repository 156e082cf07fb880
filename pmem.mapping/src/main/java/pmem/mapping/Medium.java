package pmem.mapping;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import pmem.api.DurabilityDomain;

/**
 * What lies behind an open file, as far as durability goes.
 *
 * @param kind how stores reach it
 * @param memory what the system says of the memory, if stores reach it directly
 */
record Medium(Kind kind, DeviceMemory memory) {
    private static final long PROBE_BYTES = 4096;

    /** How stores to a mapping reach what lies behind it. */
    enum Kind {
        /** A file of persistent memory: the processor writes it back. */
        FSDAX,
        /** A device of persistent memory: likewise, and the kernel has no part in it. */
        DEVDAX,
        /** Pages of the kernel, which writes them to a device. */
        PAGE_CACHE,
        /** Pages of the kernel and nothing else. */
        MEMORY
    }

    /** The medium of an open file that is no device. */
    static Medium ofFile(int descriptor, Sysfs sysfs) {
        if (!isSynchronous(descriptor, PROBE_BYTES)) {
            boolean inMemory = FileSystemFacts.ofDescriptor(descriptor).isInMemory();
            return new Medium(inMemory ? Kind.MEMORY : Kind.PAGE_CACHE, DeviceMemory.UNKNOWN);
        }
        DeviceMemory memory = FileFacts.ofDescriptor(descriptor)
                .map(facts -> sysfs.blockDevice(facts.deviceMajor(), facts.deviceMinor()))
                .orElse(DeviceMemory.UNKNOWN);
        return new Medium(Kind.FSDAX, memory);
    }

    /** The medium of an open device; empty if it does not do what the system says of it. */
    static Optional<Medium> ofDevice(int descriptor, DaxDevice device) {
        return isSynchronous(descriptor, device.granularityBytes())
                ? Optional.of(new Medium(Kind.DEVDAX, device.memory()))
                : Optional.empty();
    }

    /** The domains there are, strongest first; of two that survive the same, the cheaper one first. */
    Set<DurabilityDomain> domains() {
        Set<DurabilityDomain> domains = new LinkedHashSet<>();
        if (kind == Kind.FSDAX || kind == Kind.DEVDAX) {
            if (memory.persistence() == PersistenceDomain.CPU_CACHE) {
                domains.add(DurabilityDomain.PERSISTENT_CACHES);
            }
            domains.add(DurabilityDomain.SYNCHRONOUS_DAX);
            // Where the platform says nothing, the caller may know.
            if (memory.persistence() == PersistenceDomain.UNKNOWN) {
                domains.add(DurabilityDomain.PERSISTENT_CACHES);
            }
        }
        // A device knows no msync.
        if (kind == Kind.FSDAX || kind == Kind.PAGE_CACHE) {
            domains.add(DurabilityDomain.PAGE_CACHE_POWER_FAIL_SAFE);
        }
        domains.add(DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE);
        domains.add(DurabilityDomain.FORCED_CACHE_LINE);
        return Collections.unmodifiableSet(domains);
    }

    // The kernel accepts this only where a store needs no file system work to be found again after a power cut.
    private static boolean isSynchronous(int descriptor, long bytes) {
        int sharing = Posix.MAP_SHARED_VALIDATE | Posix.MAP_SYNC;
        long address = Posix.mmap(0, bytes, Posix.PROT_READ, sharing, descriptor);
        if (AddressRange.isError(address)) {
            return false;
        }
        Posix.munmap(address, bytes);
        return true;
    }
}
