package pmem.testkit.property;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import pmem.testkit.contract.Blocks;

/**
 * What the model knows of one block: its place, and what was written into it. Blocks of 16 bytes and more begin with a word that
 * transactions may set; the rest is a pattern.
 */
final class ModelBlock {
    private static final long WORD_BLOCK_BYTES_MIN = 2 * Long.BYTES;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final long handle;
    private final long stamp;
    private long askedBytes;
    private long usableBytes;
    private long word;

    ModelBlock(String name, long handle, long askedBytes, long usableBytes, long stamp) {
        this.name = name;
        this.handle = handle;
        this.askedBytes = askedBytes;
        this.usableBytes = usableBytes;
        this.stamp = stamp;
        this.word = ~stamp;
    }

    long handle() {
        return handle;
    }

    long askedBytes() {
        return askedBytes;
    }

    long usableBytes() {
        return usableBytes;
    }

    long endOffset() {
        return handle + usableBytes;
    }

    /** Whether the block begins with a word. */
    boolean hasWord() {
        return askedBytes >= WORD_BLOCK_BYTES_MIN;
    }

    /** Notes that a transaction has set the word. */
    void word(long value) {
        word = value;
    }

    /** Notes a new size; the content up to the smaller of both sizes is as before until it is {@linkplain #write written}. */
    void resize(long newAskedBytes, long newUsableBytes) {
        askedBytes = newAskedBytes;
        usableBytes = newUsableBytes;
    }

    /** Writes the content that {@link #check} expects. */
    void write(MemorySegment segment) {
        if (hasWord()) {
            segment.set(WORD, 0, word);
            Blocks.stamp(segment.asSlice(Long.BYTES), askedBytes - Long.BYTES, stamp);
        } else {
            Blocks.stamp(segment, askedBytes, stamp);
        }
    }

    /** Checks the first bytes of the content against what was written at the size the block has in the model. */
    void check(MemorySegment segment, long bytes) {
        if (!hasWord()) {
            Blocks.assertStamped(segment, bytes, askedBytes, stamp);
            return;
        }
        if (bytes >= Long.BYTES) {
            long found = segment.get(WORD, 0);
            if (found != word) {
                throw new AssertionError("first word of " + this + ": expected " + word + ", found=" + found);
            }
            Blocks.assertStamped(segment.asSlice(Long.BYTES), bytes - Long.BYTES, askedBytes - Long.BYTES, stamp);
        }
    }

    /** As {@code b3 at 0x1000, 200 of 208 bytes}. */
    @Override
    public String toString() {
        return name + " at 0x" + Long.toHexString(handle) + ", " + askedBytes + " of " + usableBytes + " bytes";
    }
}
