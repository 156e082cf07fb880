package pmem.recovery;

import static pmem.recovery.SuperblockLayout.*;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import pmem.spi.Region;

/**
 * What the superblock says about a pool.
 *
 * @param idHigh first half of the random pool id
 * @param idLow second half
 * @param geometry sizes from which all offsets follow
 * @param policyId id of the policy
 * @param policyVersion version of the policy's format
 * @param policyParameters parameters in the order the policy declares them
 */
record Superblock(
        long idHigh,
        long idLow,
        PoolGeometry geometry,
        String policyId,
        long policyVersion,
        List<Long> policyParameters) {

    /** Takes an immutable copy of the parameters. */
    Superblock {
        policyParameters = List.copyOf(policyParameters);
    }

    /** What one copy on media is. */
    enum CopyState {
        VALID,
        /** All of its page is zero. */
        EMPTY,
        /** Begins with the creation mark. */
        BEGUN,
        /** Right magic number, version above ours. */
        TOO_NEW,
        /** Right magic number, version below those we read. */
        TOO_OLD,
        /** Right magic number, wrong checksum. */
        DAMAGED,
        /** Anything else. */
        FOREIGN
    }

    /** Examines one copy. */
    static CopyState examine(Region region, int copy) {
        long start = copyOffset(copy);
        if (start + PoolGeometry.PAGE_BYTES > region.capacityBytes()) {
            return CopyState.FOREIGN;
        }
        long magic = region.loadPlain(start + MAGIC_OFFSET);
        if (magic == CREATION_MARK) {
            return CopyState.BEGUN;
        }
        if (magic != MAGIC) {
            return magic == 0 && isZero(region, start) ? CopyState.EMPTY : CopyState.FOREIGN;
        }
        if (region.loadPlain(start + CHECKSUM_OFFSET) != checksum(region, start)) {
            long version = region.loadPlain(start + VERSION_OFFSET);
            // A newer format may keep its checksum elsewhere, so an unknown version is believed without one.
            return version > FORMAT_VERSION ? CopyState.TOO_NEW : CopyState.DAMAGED;
        }
        long version = region.loadPlain(start + VERSION_OFFSET);
        if (version > FORMAT_VERSION) {
            return CopyState.TOO_NEW;
        }
        return version < FORMAT_VERSION_OLDEST ? CopyState.TOO_OLD : CopyState.VALID;
    }

    /** The version a copy claims. */
    static long version(Region region, int copy) {
        return region.loadPlain(copyOffset(copy) + VERSION_OFFSET);
    }

    private static boolean isZero(Region region, long start) {
        for (long offset = start; offset < start + PoolGeometry.PAGE_BYTES; offset += Long.BYTES) {
            if (region.loadPlain(offset) != 0) {
                return false;
            }
        }
        return true;
    }

    private static long checksum(Region region, long start) {
        return checksum(index -> region.loadPlain(start + (long) index * Long.BYTES));
    }

    /** The checksum of a copy whose words are these. */
    static long checksum(IntToLongFunction words) {
        // The magic number is counted as if it were there, since the body is complete before it is stored.
        long sum = Checksums.add(0, MAGIC);
        for (int index = 1; index < CHECKSUM_OFFSET / Long.BYTES; index++) {
            sum = Checksums.add(sum, words.applyAsLong(index));
        }
        return sum;
    }

    /** Reads a copy that {@link #examine} found valid. */
    static Superblock read(Region region, int copy) {
        long start = copyOffset(copy);
        byte[] id = new byte[POLICY_ID_BYTES];
        int length = 0;
        for (int i = 0; i < POLICY_ID_BYTES; i++) {
            long word = region.loadPlain(start + POLICY_ID_OFFSET + (i & -Long.BYTES));
            id[i] = (byte) (word >>> (i % Long.BYTES * Byte.SIZE));
            length = id[i] == 0 ? length : i + 1;
        }
        int count = Math.clamp(region.loadPlain(start + PARAMETER_COUNT_OFFSET), 0, PARAMETERS_MAX);
        List<Long> parameters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parameters.add(region.loadPlain(start + PARAMETERS_OFFSET + (long) i * Long.BYTES));
        }
        long laidOutBytes = region.loadPlain(start + CAPACITY_OFFSET);
        boolean growable = region.loadPlain(start + VERSION_OFFSET) != FORMAT_VERSION_FIXED;
        PoolGeometry geometry = new PoolGeometry(
                growable ? CapacityWord.read(region) : laidOutBytes,
                growable ? laidOutBytes : 0,
                (int) region.loadPlain(start + LANES_OFFSET),
                (int) region.loadPlain(start + LANE_ENTRIES_OFFSET),
                (int) region.loadPlain(start + ROOTS_OFFSET));
        return new Superblock(
                region.loadPlain(start + ID_HIGH_OFFSET),
                region.loadPlain(start + ID_LOW_OFFSET),
                geometry,
                new String(id, 0, length, StandardCharsets.US_ASCII),
                region.loadPlain(start + POLICY_VERSION_OFFSET),
                parameters);
    }

    /** Stores everything but the magic number; neither written back nor fenced. */
    void storeBody(Region region, int copy) {
        long start = copyOffset(copy);
        region.storePlain(start + VERSION_OFFSET, geometry.growable() ? FORMAT_VERSION : FORMAT_VERSION_FIXED);
        region.storePlain(start + ID_HIGH_OFFSET, idHigh);
        region.storePlain(start + ID_LOW_OFFSET, idLow);
        region.storePlain(start + CAPACITY_OFFSET, geometry.largest().capacityBytes());
        region.storePlain(start + LANES_OFFSET, geometry.lanes());
        region.storePlain(start + LANE_ENTRIES_OFFSET, geometry.laneEntries());
        region.storePlain(start + ROOTS_OFFSET, geometry.roots());
        storePolicy(region, start);
        region.storePlain(start + CHECKSUM_OFFSET, checksum(region, start));
    }

    private void storePolicy(Region region, long start) {
        byte[] id = policyId.getBytes(StandardCharsets.US_ASCII);
        for (int wordIndex = 0; wordIndex < POLICY_ID_BYTES / Long.BYTES; wordIndex++) {
            region.storePlain(
                    start + POLICY_ID_OFFSET + (long) wordIndex * Long.BYTES, Words.pack(id, wordIndex * Long.BYTES));
        }
        region.storePlain(start + POLICY_VERSION_OFFSET, policyVersion);
        region.storePlain(start + PARAMETER_COUNT_OFFSET, policyParameters.size());
        for (int i = 0; i < PARAMETERS_MAX; i++) {
            region.storePlain(
                    start + PARAMETERS_OFFSET + (long) i * Long.BYTES,
                    i < policyParameters.size() ? policyParameters.get(i) : 0);
        }
    }

    /** Stores the magic number, by which the copy becomes valid; neither written back nor fenced. */
    static void storeMagic(Region region, int copy) {
        region.storeRelease(copyOffset(copy) + MAGIC_OFFSET, MAGIC);
    }

    @Override
    public String toString() {
        return "pool id=" + Long.toHexString(idHigh) + Long.toHexString(idLow) + " policy=" + policyId
                + " capacityBytes=" + geometry.capacityBytes()
                + (geometry.growable() ? " maxCapacityBytes=" + geometry.maxCapacityBytes() : "");
    }
}
