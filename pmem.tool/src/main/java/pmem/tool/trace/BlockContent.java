package pmem.tool.trace;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The bytes that fill a replayed block: an endless pseudo-random sequence drawn from the block's identity, so that a block with
 * the content of another, with old content or with a hole is told apart. A block of n bytes carries the first n of them.
 */
public final class BlockContent {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long STEP = 0x9E37_79B9_7F4A_7C15L;

    private BlockContent() {}

    /** The key of the content of one version of one object. */
    public static long key(long seed, int object, long version) {
        return mix(mix(mix(seed + STEP) ^ object) + STEP * version);
    }

    /** Fills the first bytes of a block. */
    public static void fill(MemorySegment block, long bytes, long key) {
        long offset = 0;
        for (; offset + Long.BYTES <= bytes; offset += Long.BYTES) {
            block.set(WORD, offset, word(key, offset));
        }
        long last = word(key, offset);
        for (int i = 0; offset + i < bytes; i++) {
            block.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (last >>> (8 * i)));
        }
    }

    /** Whether the first bytes of a block are those of the key; false also if the block is shorter than that. */
    public static boolean matches(MemorySegment block, long bytes, long key) {
        if (block.byteSize() < bytes) {
            return false;
        }
        long offset = 0;
        for (; offset + Long.BYTES <= bytes; offset += Long.BYTES) {
            if (block.get(WORD, offset) != word(key, offset)) {
                return false;
            }
        }
        long last = word(key, offset);
        for (int i = 0; offset + i < bytes; i++) {
            if (block.get(ValueLayout.JAVA_BYTE, offset + i) != (byte) (last >>> (8 * i))) {
                return false;
            }
        }
        return true;
    }

    private static long word(long key, long offset) {
        return mix(key + STEP * (offset >>> 3));
    }

    // The finisher of SplitMix64: every input bit changes every output bit with a chance of about one half.
    static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }
}
