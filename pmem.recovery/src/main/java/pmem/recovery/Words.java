package pmem.recovery;

/** Bytes in words, little-endian. */
final class Words {
    private Words() {}

    /** The eight bytes from an index on, with zeros after the end of the array. */
    static long pack(byte[] bytes, int fromIndex) {
        long word = 0;
        for (int i = 0; i < Long.BYTES && fromIndex + i < bytes.length; i++) {
            word |= (bytes[fromIndex + i] & 0xffL) << (i * Byte.SIZE);
        }
        return word;
    }

    /** Puts the bytes of a word into an array from an index on, as far as the array goes. */
    static void unpack(long word, byte[] bytes, int fromIndex) {
        for (int i = 0; i < Long.BYTES && fromIndex + i < bytes.length; i++) {
            bytes[fromIndex + i] = (byte) (word >>> (i * Byte.SIZE));
        }
    }
}
