package pmem.testkit.region;

/**
 * A 64-bit hash of an image that can be updated word by word: the sum over all words of a mix of index and value. Two of ten
 * million different images collide with a probability of about three in a million.
 */
final class ImageHash {
    private static final long INDEX_FACTOR = 0x9e3779b97f4a7c15L;
    private static final long FIRST = 0xbf58476d1ce4e5b9L;
    private static final long SECOND = 0x94d049bb133111ebL;

    private ImageHash() {}

    /** What one word adds to the hash. A word of zeros adds nothing, so an empty image costs nothing. */
    static long ofWord(int index, long value) {
        return value == 0 ? 0 : mix(value + INDEX_FACTOR * (index + 1L));
    }

    /** The hash of a whole image. */
    static long of(long[] words) {
        long hash = 0;
        for (int i = 0; i < words.length; i++) {
            hash += ofWord(i, words[i]);
        }
        return hash;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * FIRST;
        mixed = (mixed ^ (mixed >>> 27)) * SECOND;
        return mixed ^ (mixed >>> 31);
    }
}
