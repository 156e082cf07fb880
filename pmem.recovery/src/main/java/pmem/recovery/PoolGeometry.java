package pmem.recovery;

import pmem.spi.Region;

/**
 * Where the parts of a pool lie; a function of the sizes the superblock records.
 *
 * <pre>
 *  0          4096        8192
 * +-----------+-----------+--------+-----------+------------------------------------------+
 * | superblock| superblock| lanes  | roots     | policy space: metadata and blocks        |
 * | copy A    | copy B    |        |           | (starts and ends on 4096)                |
 * +-----------+-----------+--------+-----------+------------------------------------------+
 * </pre>
 *
 * @param capacityBytes size of the pool; of one that can grow, when this was read
 * @param maxCapacityBytes largest size of a pool that can grow, which decides where things lie; 0 of one that can't
 * @param lanes number of log lanes
 * @param laneEntries entries per lane
 * @param roots slots of the root table
 */
record PoolGeometry(long capacityBytes, long maxCapacityBytes, int lanes, int laneEntries, int roots) {
    /** Distance of superblock copies, and alignment of the policy space. */
    static final long PAGE_BYTES = 4096;

    /** A pool that cannot grow. */
    PoolGeometry(long capacityBytes, int lanes, int laneEntries, int roots) {
        this(capacityBytes, 0, lanes, laneEntries, roots);
    }

    /** Whether the pool can grow. */
    boolean growable() {
        return maxCapacityBytes != 0;
    }

    /** The pool when it has grown as far as it can. */
    PoolGeometry largest() {
        return growable() ? new PoolGeometry(maxCapacityBytes, maxCapacityBytes, lanes, laneEntries, roots) : this;
    }

    /** First byte of the log. */
    long logOffset() {
        return SuperblockLayout.COPIES * PAGE_BYTES;
    }

    /** First byte of a lane. */
    long laneOffset(int lane) {
        return logOffset() + lane * UndoLogLayout.laneBytes(laneEntries);
    }

    /** First byte of the root table. */
    long rootsOffset() {
        return laneOffset(lanes);
    }

    /** First byte of the policy space. */
    long policyStartOffset() {
        return roundUp(rootsOffset() + (long) roots * RootTableLayout.SLOT_BYTES);
    }

    /** First byte after the policy space. */
    long policyEndOffset() {
        return capacityBytes & -PAGE_BYTES;
    }

    /** Size of the policy space; negative if the capacity cannot even hold what lies before it. */
    long policyBytes() {
        return policyEndOffset() - policyStartOffset();
    }

    /** Whether an offset names a word of the policy space. */
    boolean isPolicyWord(long offset) {
        return offset % Long.BYTES == 0 && offset >= policyStartOffset() && offset < policyEndOffset();
    }

    /** Whether an offset names the handle of a root's slot. */
    boolean isRootHandle(long offset) {
        long inTable = offset - rootsOffset() - RootTableLayout.HANDLE_OFFSET;
        return inTable >= 0
                && inTable % RootTableLayout.SLOT_BYTES == 0
                && inTable / RootTableLayout.SLOT_BYTES < roots;
    }

    /** The next whole page. */
    static long roundUp(long offset) {
        assert PAGE_BYTES % Region.LINE_BYTES == 0;
        return (offset + PAGE_BYTES - 1) & -PAGE_BYTES;
    }
}
