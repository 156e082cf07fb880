package pmem.policy.buddy;

/** A set of units filled by whole runs, one bit a unit. Not thread-safe. */
final class UnitSet {
    private final long firstUnit;
    private final long[] words;

    /** An empty set for {@code unitCount} units from {@code firstUnit} on. */
    UnitSet(long firstUnit, long unitCount) {
        this.firstUnit = firstUnit;
        words = new long[Math.toIntExact(((unitCount - 1) >>> 6) + 1)];
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
            long bitsHere = Math.min(Long.SIZE - (bit & 63), endBit - bit);
            long mask = (-1L >>> (Long.SIZE - bitsHere)) << bit;
            int word = (int) (bit >>> 6);
            allNew &= (words[word] & mask) == 0;
            words[word] |= mask;
            bit += bitsHere;
        }
        return allNew;
    }
}
