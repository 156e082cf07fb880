package pmem.testkit.fuzz;

import java.util.BitSet;

/**
 * A damaged image.
 *
 * @param index its number, which makes it again
 * @param base what was damaged
 * @param damage how
 * @param where the place in words
 * @param words the image
 * @param shownBytes length of the pool's region
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and nobody changes the arrays
record DamagedImage(long index, BaseImage base, Damage damage, String where, long[] words, long shownBytes) {
    /** Index of the words that differ. */
    BitSet touched() {
        BitSet touched = new BitSet();
        for (int i = 0; i < base.words().length; i++) {
            if (words[i] != base.words()[i]) {
                touched.set(i);
            }
        }
        return touched;
    }

    @Override
    public String toString() {
        return "image " + index + " (" + base.name() + " pool, " + damage + " " + where + ")";
    }
}
