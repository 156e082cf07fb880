package pmem.policy.buddy;

import java.util.Arrays;

/** A set of units filled by whole runs, one bit a unit; where all units of a part are in it, one word a part. Not thread-safe. */
final class UnitSet {
    private static final int PART_SHIFT = 16;
    private static final long PART_UNITS = 1L << PART_SHIFT;
    private static final int PART_WORDS = (int) (PART_UNITS / Long.SIZE);
    private static final long[] EMPTY = {};
    private static final long[] FULL = new long[1];

    private final long firstUnit;
    private final long[][] parts;

    /** An empty set for {@code unitCount} units from {@code firstUnit} on. */
    UnitSet(long firstUnit, long unitCount) {
        this.firstUnit = firstUnit;
        parts = new long[Math.toIntExact(((unitCount - 1) >>> PART_SHIFT) + 1)][];
        Arrays.fill(parts, EMPTY);
    }

    /**
     * Adds a run of units.
     *
     * @return whether none of them was there before
     */
    boolean addRun(long start, long lengthUnits) {
        long bit = start - firstUnit;
        long endBit = bit + lengthUnits;
        boolean allNew = true;
        while (bit < endBit) {
            long partEnd = Math.min(endBit, (bit & -PART_UNITS) + PART_UNITS);
            allNew &= addToPart((int) (bit >>> PART_SHIFT), bit, partEnd);
            bit = partEnd;
        }
        return allNew;
    }

    private boolean addToPart(int index, long bit, long endBit) {
        long[] part = parts[index];
        if (endBit - bit == PART_UNITS) {
            parts[index] = FULL;
            return part.length == 0;
        }
        if (part.length == FULL.length) {
            return false;
        }
        if (part.length == 0) {
            part = new long[PART_WORDS];
            parts[index] = part;
        }
        return addBits(part, bit, endBit);
    }

    private static boolean addBits(long[] part, long start, long endBit) {
        boolean allNew = true;
        long bit = start;
        while (bit < endBit) {
            long bitsHere = Math.min(Long.SIZE - (bit & (Long.SIZE - 1)), endBit - bit);
            long mask = (-1L >>> (Long.SIZE - bitsHere)) << bit;
            int word = (int) (bit >>> 6) & (PART_WORDS - 1);
            allNew &= (part[word] & mask) == 0;
            part[word] |= mask;
            bit += bitsHere;
        }
        return allNew;
    }
}
