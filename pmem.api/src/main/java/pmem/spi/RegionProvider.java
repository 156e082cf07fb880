package pmem.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import pmem.api.DurabilityDomain;
import pmem.api.PoolOpenException;

/** Maps regions; found by {@link java.util.ServiceLoader}. Implementations are stateless and thread-safe. */
public interface RegionProvider {
    /**
     * Maps an existing file or device and locks it against every other writer.
     *
     * @throws PoolOpenException if there is none, it can't be locked or mapped, or the domain is not available there
     */
    Region open(Path path, RegionOptions options);

    /**
     * Maps an existing file or device to be read: its content can't change through the region, stores stay in this process. A
     * lock keeps writers away, other readers not. Needs permission to read only. {@link Region#usedRanges} speaks of the file
     * and not of such stores.
     *
     * @throws PoolOpenException if there is none, or it can't be locked or mapped
     */
    Region view(Path path);

    /**
     * Maps a file or device to be read as {@link #view} does, but takes no lock: a writer may go on beside it, and what it
     * changes may be seen or not, in any order.
     *
     * @throws PoolOpenException if there is none, or it can't be mapped
     */
    default Region peek(Path path) {
        return view(path);
    }

    /**
     * Whether a path is a device of persistent memory, which is there before any pool is. A new pool takes the first bytes of
     * it: {@link #create} maps and locks them, not zeroed, and the pool layer looks first whether there is a pool already.
     */
    default boolean isDevice(Path path) {
        return false;
    }

    /**
     * Makes a region for a new file of at least the given size, really allocated, locked and zeroed. The path shows nothing of
     * it before {@link Region#publishCreated()}.
     *
     * @param capacityBytes wanted size, rounded up to the granularity of the mapping
     * @throws PoolOpenException if the path exists, there is no room, or the domain is not available there
     */
    Region create(Path path, long capacityBytes, RegionOptions options);

    /**
     * Maps anonymous memory that reads as zero.
     *
     * @throws PoolOpenException if the system refuses
     */
    Region anonymous(long capacityBytes, RegionOptions options);

    /** What is known of a path and of the machine as far as pools there care, for people; changes nothing. */
    default List<PlaceFact> describe(Path path) {
        return List.of();
    }

    /** The domains a file at this path could be opened with, strongest first. */
    Set<DurabilityDomain> domains(Path path);
}
