package pmem.bench.measure;

/** The xorshift64* generator (Vigna 2016): a few instructions, no garbage, the same numbers in every run. Not thread-safe. */
final class Random64 {
    private long state;

    Random64(long seed) {
        state = seed * 0x9E3779B97F4A7C15L | 1;
    }

    /** A number from 0 to {@code bound - 1}. */
    int below(int bound) {
        long x = state;
        x ^= x >>> 12;
        x ^= x << 25;
        x ^= x >>> 27;
        state = x;
        return (int) ((((x * 0x2545F4914F6CDD1DL) >>> 32) * bound) >>> 32);
    }

    /** A random order of the numbers from {@code first} on. */
    int[] permutation(int first, int count) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = first + i;
        }
        for (int i = count - 1; i > 0; i--) {
            int j = below(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
