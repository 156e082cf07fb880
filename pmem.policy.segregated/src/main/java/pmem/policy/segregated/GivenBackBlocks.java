package pmem.policy.segregated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The blocks of a slab that are on their way back to its owner, a byte each. Whoever releases a block sets its byte, and nobody
 * touches it again before the owner, who collects the block, has cleared it. So neither needs a locked instruction.
 */
final class GivenBackBlocks {
    /** Where no block ever came back. */
    static final GivenBackBlocks NONE = new GivenBackBlocks(0);

    private static final VarHandle MARKS = MethodHandles.arrayElementVarHandle(byte[].class);
    private static final VarHandle EIGHT_MARKS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte MARK = 1;
    private static final long LOWEST_OF_BYTES = 0x0101_0101_0101_0101L;
    private static final int WORD_SHIFT = 6;

    private final byte[] marks;

    /** None of so many blocks. */
    GivenBackBlocks(int blockCount) {
        marks = new byte[(blockCount + Long.SIZE - 1) & -Long.SIZE];
    }

    boolean has(int index) {
        return index < marks.length && (byte) MARKS.getAcquire(marks, index) != 0;
    }

    /** By the one who releases the block. */
    void add(int index) {
        // With all that was done to the block. pairs with: word
        MARKS.setRelease(marks, index, MARK);
    }

    /** One bit a block from {@code 64 * wordIndex} on. */
    long word(int wordIndex) {
        long bits = 0;
        int first = wordIndex << WORD_SHIFT;
        for (int i = 0; i < Long.SIZE && first < marks.length; i += Long.BYTES) {
            long eight = (long) EIGHT_MARKS.get(marks, first + i);
            bits |= eight == 0 ? 0 : Long.compress(eight, LOWEST_OF_BYTES) << i;
        }
        VarHandle.acquireFence();
        return bits;
    }

    /** Takes blocks of a word out; by the owner, before anybody can claim them again. */
    void remove(int wordIndex, long bits) {
        for (long left = bits; left != 0; left &= left - 1) {
            // One by one: others may be set now.
            MARKS.setOpaque(marks, (wordIndex << WORD_SHIFT) + Long.numberOfTrailingZeros(left), (byte) 0);
        }
    }

    int count() {
        int blocks = 0;
        for (int word = 0; word < marks.length >>> WORD_SHIFT; word++) {
            blocks += Long.bitCount(word(word));
        }
        return blocks;
    }
}
