package pmem.testkit.fuzz;

import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * An intact image that is going to be damaged.
 *
 * @param name how the pool was left, for example {@code clean}
 * @param words the image
 * @param earlier an earlier image of the same pool
 * @param truths what a recovery may find: one, or with an operation under way the state before and after it
 * @param wordsOfBlock for each block in any of them, index of the words by which it is found
 * @param wordsOfRoot for each root, index of the words of its slot
 * @param wordsOfCapacity index of the words that tell the size of a pool that can grow
 * @param spaceEndOffset first byte after the policy's space when the pool is as large as it can be
 * @param metadata index of every word of metadata
 * @param covered of these, the words of which every byte is damaged once: all, or those an operation under way has changed
 * @param steps accesses that opening and checking it takes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and nobody changes the arrays
record BaseImage(
        String name,
        long[] words,
        long[] earlier,
        List<Truth> truths,
        Map<Long, BitSet> wordsOfBlock,
        Map<String, BitSet> wordsOfRoot,
        BitSet wordsOfCapacity,
        long spaceEndOffset,
        BitSet metadata,
        BitSet covered,
        long steps) {

    /** Size of the image. */
    long bytes() {
        return (long) words.length * Long.BYTES;
    }
}
