package pmem.spi.extent;

/**
 * A fixed number of bits, all 0 at first. As {@link java.util.BitSet}, without what that does to grow and to shrink, which took half
 * the time of a medium block. Not thread-safe.
 */
final class UnitBits {
    /** There is no such bit. */
    static final int NONE = -1;

    private final long[] words;

    UnitBits(int count) {
        words = new long[(count + Long.SIZE - 1) / Long.SIZE];
    }

    boolean get(int bit) {
        return (words[bit >>> 6] & (1L << bit)) != 0;
    }

    /** Makes the bits from one up to another all 1 or all 0. */
    void set(int from, int end, boolean value) {
        if (from == end) {
            return;
        }
        int last = (end - 1) >>> 6;
        for (int word = from >>> 6; word <= last; word++) {
            long mask = maskOf(word, from, end);
            words[word] = value ? words[word] | mask : words[word] & ~mask;
        }
    }

    /** Whether all bits from one up to another are 1. */
    boolean isSet(int from, int end) {
        for (int word = from >>> 6; word << 6 < end; word++) {
            long mask = maskOf(word, from, end);
            if ((words[word] & mask) != mask) {
                return false;
            }
        }
        return true;
    }

    /** The first bit that is 1, from one on; {@link #NONE} if there is none. */
    int nextSet(int from) {
        long ones = words[from >>> 6] & (-1L << from);
        for (int word = from >>> 6; ; ones = words[word]) {
            if (ones != 0) {
                return (word << 6) + Long.numberOfTrailingZeros(ones);
            }
            if (++word == words.length) {
                return NONE;
            }
        }
    }

    /** The last bit that is 1, up to one; {@link #NONE} if there is none. */
    int previousSet(int from) {
        long ones = words[from >>> 6] & (-1L >>> ~from);
        for (int word = from >>> 6; ; ones = words[word]) {
            if (ones != 0) {
                return (word << 6) + Long.SIZE - 1 - Long.numberOfLeadingZeros(ones);
            }
            if (word-- == 0) {
                return NONE;
            }
        }
    }

    /** Number of bits that are 1. */
    int cardinality() {
        int sum = 0;
        for (long word : words) {
            sum += Long.bitCount(word);
        }
        return sum;
    }

    private static long maskOf(int word, int from, int end) {
        long low = from >>> 6 == word ? -1L << from : -1L;
        long high = end >>> 6 == word ? (1L << end) - 1 : -1L;
        return low & high;
    }
}
