package pmem.recovery;

/**
 * Checksums over words, chosen so that a word that differs in any bit, or stands in another place, gives another sum with
 * probability {@code 1 - 2^-64}. The finaliser is the one of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
 */
final class Checksums {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private Checksums() {}

    /** Continues a sum with one more word; start with any seed. */
    static long add(long sum, long word) {
        long z = (sum ^ word) + GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The low 16 bits of the sum over two words. */
    static long short16(long first, long second) {
        return add(add(GAMMA, first), second) & 0xffff;
    }
}
