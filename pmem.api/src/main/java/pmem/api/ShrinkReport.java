package pmem.api;

import java.util.Locale;

/**
 * How far a {@link PoolSize#shrink} came.
 *
 * @param askedBytes size that was asked for
 * @param capacityBytes size the pool has now
 * @param releasedBytes how much shorter the file has become, or how much memory a volatile pool gave back
 * @param usedEndOffset where the last thing in use ended when it was looked for: a block, or the pool's own tables
 * @param complete whether the pool is as small as was asked, rounded up; if not, what ends at {@code usedEndOffset} is in the way
 */
public record ShrinkReport(
        long askedBytes, long capacityBytes, long releasedBytes, long usedEndOffset, boolean complete) {
    /** One line for people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: askedBytes=%d capacityBytes=%d releasedBytes=%d usedEndOffset=0x%x%s",
                complete ? "pool is as small as asked" : "pool is not as small as asked",
                askedBytes,
                capacityBytes,
                releasedBytes,
                usedEndOffset,
                complete ? "" : "; free the blocks behind the size asked for, then shrink again");
    }
}
