package pmem.recovery;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import pmem.spi.BlockGroup;

/** The groups of blocks of all open scopes, for the pool's figures. Thread-safe. */
final class OpenScopes {
    private final Set<BlockGroup> groups = ConcurrentHashMap.newKeySet();

    void add(BlockGroup group) {
        groups.add(group);
    }

    void remove(BlockGroup group) {
        groups.remove(group);
    }

    /** Number of blocks in open scopes. */
    long blocks() {
        long sum = 0;
        for (BlockGroup group : groups) {
            sum += group.blocks();
        }
        return sum;
    }

    /** Usable bytes of those blocks. */
    long usableBytes() {
        long sum = 0;
        for (BlockGroup group : groups) {
            sum += group.usableBytes();
        }
        return sum;
    }
}
