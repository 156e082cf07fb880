package pmem.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import pmem.api.PoolPart;

/** Saves the bytes of a region that a repair is about to change. */
@FunctionalInterface
public interface RepairBackup {
    /** Saves nothing, for regions whose content is not worth it. */
    RepairBackup NONE = (region, ranges) -> Optional.empty();

    /**
     * Saves ranges durably.
     *
     * @param region the region, not yet changed
     * @param ranges what will be changed, ascending and apart
     * @return the file they are in
     */
    Optional<Path> save(Region region, List<PoolPart> ranges);
}
