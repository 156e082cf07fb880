package pmem.recovery;

/**
 * The table of named roots on media: slots of 320 bytes.
 *
 * <table>
 * <caption>Slot</caption>
 * <tr><th>offset</th><th>bytes</th><th>field</th><th>written when, and in which order</th></tr>
 * <tr><td>0</td><td>8</td><td>handle; 0 says the slot is free, whatever else is in it</td><td>last, after the name is on
 * media</td></tr>
 * <tr><td>8</td><td>8</td><td>length of the name in bytes (bits 0 to 7) and checksum of the name (bits 8 to 63)</td><td>while
 * the handle is 0 on media</td></tr>
 * <tr><td>16</td><td>256</td><td>name, UTF-8; bytes after its length mean nothing</td><td>same</td></tr>
 * </table>
 */
final class RootTableLayout {
    static final long SLOT_BYTES = 320;
    static final long HANDLE_OFFSET = 0;
    static final long NAME_HEADER_OFFSET = 8;
    static final long NAME_OFFSET = 16;
    /** Longest name, in bytes of UTF-8. */
    static final int NAME_BYTES_MAX = 255;
    /** Bytes set aside for a name. */
    static final int NAME_ROOM_BYTES = 256;

    private RootTableLayout() {}

    /** The word that describes a name: its length and a checksum. */
    static long nameHeader(byte[] name) {
        long sum = 0;
        for (int i = 0; i < name.length; i += Long.BYTES) {
            sum = Checksums.add(sum, Words.pack(name, i));
        }
        return Checksums.add(sum, name.length) << Byte.SIZE | name.length;
    }

    /** Length of the name a header describes, 0 to 255. */
    static int nameBytes(long header) {
        return (int) (header & 0xff);
    }
}
