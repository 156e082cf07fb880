package pmem.policy.buddy;

import pmem.spi.TagFloat;

/**
 * Words of the map that were examined before: many words are equal, since many blocks are. Not thread-safe.
 *
 * <p>It holds words whose blocks lie side by side and are no longer than a word has units. Such blocks keep the
 * {@link HeadRules} or break them whatever the word's place, as long as no block before reaches up to the first of them and
 * the space goes on for two more words: units of equal position in a word are equally aligned up to the length of a word.
 */
final class TagWordMemo {
    /** The word is not here. */
    static final int UNKNOWN = 0;

    private static final int SLOT_BITS = 8;
    /** 2^64 divided by the golden ratio spreads similar words. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private static final int COUNT_SHIFT = 8;
    private static final int FIRST_SHIFT = 4;
    private static final int FOUR_BITS = 0xf;

    private final long[] words = new long[1 << SLOT_BITS];
    private final int[] facts = new int[1 << SLOT_BITS];
    /** The word found last: the next one is often the same. */
    private long lastWord;

    private int lastFacts = UNKNOWN;

    /** What is known of a word that is not 0, or {@link #UNKNOWN}. */
    int find(long word) {
        if (word == lastWord) {
            return lastFacts;
        }
        int slot = slotOf(word);
        if (words[slot] != word) {
            return UNKNOWN;
        }
        lastWord = word;
        lastFacts = facts[slot];
        return lastFacts;
    }

    /** Enters a word whose blocks keep the rules, if they lie side by side and none is too long. */
    void enter(long word) {
        int first = HeadTagLayout.firstTagPosition(word);
        int count = 0;
        int position = first;
        while (position < HeadTagLayout.TAGS_PER_WORD) {
            int tag = HeadTagLayout.tagAt(word, position);
            // Up to the length of a word, a length is its own tag.
            if (tag == TagFloat.NONE || tag > HeadTagLayout.TAGS_PER_WORD) {
                break;
            }
            position += tag;
            count++;
        }
        // A head after a gap, or a long block, makes it more heads than were met.
        if (count == HeadTagLayout.tagCount(word)) {
            int slot = slotOf(word);
            words[slot] = word;
            facts[slot] = (count << COUNT_SHIFT) | (first << FIRST_SHIFT) | position;
        }
    }

    /** Number of blocks of a known word. */
    static int blockCount(int facts) {
        return facts >>> COUNT_SHIFT;
    }

    /** Position in the word of its first block. */
    static int firstPosition(int facts) {
        return (facts >>> FIRST_SHIFT) & FOUR_BITS;
    }

    /** Position after its last block, at most one word further. */
    static int endPosition(int facts) {
        return facts & FOUR_BITS;
    }

    private static int slotOf(long word) {
        return (int) ((word * SPREAD) >>> (Long.SIZE - SLOT_BITS));
    }
}
