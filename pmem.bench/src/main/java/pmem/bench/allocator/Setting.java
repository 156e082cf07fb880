package pmem.bench.allocator;

import java.nio.file.Path;

/**
 * What an allocator is given when it is opened.
 *
 * @param directory where it may make files; deleted with all that is in it by whoever made it
 * @param capacityBytes size of its pool, if it has one
 * @param slots how many slots the workloads use
 * @param countPersists whether lines and fences are to be counted, which takes time
 */
public record Setting(Path directory, long capacityBytes, int slots, boolean countPersists) {}
