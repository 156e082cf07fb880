package pmem.testkit.fuzz;

import java.util.Map;
import java.util.TreeMap;
import pmem.api.Pool;

/**
 * The size, live blocks and roots of a pool.
 *
 * @param capacityBytes size, of which pools of version 2 have several
 * @param blocks usable bytes by handle
 * @param roots handles by name
 */
record Truth(long capacityBytes, Map<Long, Long> blocks, Map<String, Long> roots) {
    static Truth of(Pool pool) {
        Map<Long, Long> blocks = new TreeMap<>();
        pool.forEachBlock(blocks::put);
        return new Truth(pool.stats().capacityBytes(), blocks, pool.roots());
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder("capacityBytes=").append(capacityBytes).append(" blocks");
        blocks.forEach((handle, bytes) ->
                text.append(" 0x").append(Long.toHexString(handle)).append('+').append(bytes));
        return text.append(" roots ").append(roots).toString();
    }
}
