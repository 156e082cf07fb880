package pmem.recovery;

import java.util.OptionalLong;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * The one word that tells how large a pool that can grow is now, in both superblock copies. The word of copy A decides; that of
 * copy B stands in only if damage shows in the first. A crash during a change may leave the two with different sizes: the region
 * is long enough for the larger, and nothing lies beyond the smaller.
 */
final class CapacityWord {
    private static final int CHECK_BITS = 16;
    private static final int PAGE_SHIFT = Long.numberOfTrailingZeros(PoolGeometry.PAGE_BYTES);

    private CapacityWord() {}

    /** The word for a capacity, a multiple of 4096. */
    static long of(long capacityBytes) {
        long pages = capacityBytes >>> PAGE_SHIFT;
        return pages << CHECK_BITS | Checksums.short16(pages, SuperblockLayout.CAPACITY_NOW_OFFSET);
    }

    /** The capacity a copy records, empty if the word was damaged or cut off. */
    static OptionalLong read(Region region, int copy) {
        if (isCutOff(region, copy)) {
            return OptionalLong.empty();
        }
        long word = region.loadPlain(offset(copy));
        long capacityBytes = word >>> CHECK_BITS << PAGE_SHIFT;
        return word == of(capacityBytes) ? OptionalLong.of(capacityBytes) : OptionalLong.empty();
    }

    /** The pool's capacity; 0 if both words were damaged. */
    static long read(Region region) {
        OptionalLong first = read(region, 0);
        return first.isPresent() ? first.getAsLong() : read(region, 1).orElse(0);
    }

    /** The capacity of a pool, whether it can grow or not; a device or file may be longer. */
    static long poolBytes(Region region, PoolGeometry geometry) {
        return geometry.growable() ? read(region) : geometry.capacityBytes();
    }

    /** Stores the capacity in both copies, the one that decides last, and starts writing them back; the caller fences. */
    static void store(Region region, long capacityBytes, PersistPoint point) {
        for (int copy = SuperblockLayout.COPIES - 1; copy >= 0; copy--) {
            region.storeRelease(offset(copy), of(capacityBytes));
            region.writeBack(point, offset(copy), Long.BYTES);
        }
    }

    /** Whether both copies record the same. */
    static boolean agrees(Region region) {
        return !isCutOff(region, SuperblockLayout.COPIES - 1)
                && region.loadPlain(offset(0)) == region.loadPlain(offset(1))
                && read(region, 0).isPresent();
    }

    /** Whether the region ends before the word of a copy. */
    static boolean isCutOff(Region region, int copy) {
        return offset(copy) > region.capacityBytes() - Long.BYTES;
    }

    static long offset(int copy) {
        return SuperblockLayout.copyOffset(copy) + SuperblockLayout.CAPACITY_NOW_OFFSET;
    }
}
