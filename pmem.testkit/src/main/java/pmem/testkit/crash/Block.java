package pmem.testkit.crash;

import java.util.Locale;

/**
 * A live block as the model knows it. Its content is three words, at offset 0, at offset 8, and the last whole word of what was
 * asked for; they are known from the moment the content is durable.
 *
 * @param serial tells this block from later ones with the same handle
 * @param handle the handle
 * @param usableBytes usable bytes as the pool said
 * @param askedBytes the size asked for
 * @param contentKnown whether the three words are durable
 * @param first word at offset 0
 * @param second word at offset 8
 * @param last word at {@link #lastOffset()}
 */
public record Block(
        long serial,
        long handle,
        long usableBytes,
        long askedBytes,
        boolean contentKnown,
        long first,
        long second,
        long last) {
    /** Smallest block that has content, in bytes. */
    public static final long CONTENT_BYTES_MIN = 3 * Long.BYTES;

    /** A block whose content may be anything. */
    public static Block unknown(long serial, long handle, long usableBytes, long askedBytes) {
        return new Block(serial, handle, usableBytes, askedBytes, false, 0, 0, 0);
    }

    /** The block with a content that depends on a tag; unchanged if it is too small for content. */
    public Block filled(long tag) {
        return askedBytes < CONTENT_BYTES_MIN
                ? this
                : new Block(
                        serial, handle, usableBytes, askedBytes, true, tag * 31 + 7, tag * 131 + 11, tag * 1031 + 13);
    }

    /** The block with another word at offset 8. */
    public Block withSecond(long value) {
        return new Block(serial, handle, usableBytes, askedBytes, contentKnown, first, value, last);
    }

    /** The block after a resize. The content of the kept part stays, its last word is the old one's. */
    public Block resized(long newUsableBytes) {
        return new Block(serial, handle, newUsableBytes, askedBytes, contentKnown, first, second, last);
    }

    /** The block with all of its content 0; unchanged if it is too small for content. */
    public Block zeroed() {
        return askedBytes < CONTENT_BYTES_MIN
                ? this
                : new Block(serial, handle, usableBytes, askedBytes, true, 0, 0, 0);
    }

    /** The block with content that may be anything. */
    public Block emptied() {
        return unknown(serial, handle, usableBytes, askedBytes);
    }

    /** The block as if fewer bytes had been asked for, with another last word; its content is unknown if it is too small for some. */
    public Block cut(long newAskedBytes, long tag) {
        boolean known = contentKnown && newAskedBytes >= CONTENT_BYTES_MIN;
        return new Block(serial, handle, usableBytes, newAskedBytes, known, first, second, tag * 1031 + 13);
    }

    /** Offset of the third word. */
    public long lastOffset() {
        return (askedBytes & -Long.BYTES) - Long.BYTES;
    }

    long digest() {
        long digest = handle * 31 + usableBytes;
        return contentKnown ? ((digest * 31 + first) * 31 + second) * 31 + last : digest * 31;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "0x%x (%d bytes usable%s)",
                handle,
                usableBytes,
                contentKnown ? String.format(Locale.ROOT, ", content %x %x %x", first, second, last) : "");
    }
}
