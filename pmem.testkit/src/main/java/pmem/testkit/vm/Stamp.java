package pmem.testkit.vm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What a worker writes into a block so that the block tells whose it is: a first word with the names, a second word that follows
 * from it and the size, and a pattern to the end.
 *
 * @param worker who made it
 * @param lap in which lap of its work
 * @param id the trace's name of the block
 * @param bytes size asked for
 */
record Stamp(int worker, long lap, int id, int bytes) {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    // Never 0, and no small number either.
    private static final long MARK = 0x5Al << 56;
    private static final long MARK_MASK = 0xFFL << 56;
    private static final int WORKER_SHIFT = 48;
    private static final int LAP_SHIFT = 32;
    private static final int BYTE_MASK = 0xFF;
    private static final int LAP_MASK = 0xFFFF;
    private static final long ID_MASK = 0xFFFF_FFFFL;
    private static final int BYTES_BITS = 32;
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    /** The word that is zeroed when a block is to lose its name. */
    static final long NAME_OFFSET = 0;

    private static final long CHECK_OFFSET = 8;

    private long name() {
        return MARK
                | (long) (worker & BYTE_MASK) << WORKER_SHIFT
                | (lap & LAP_MASK) << LAP_SHIFT
                | Integer.toUnsignedLong(id);
    }

    // The size in clear, so that it can be read back, and a digest of the rest.
    private long check() {
        return Integer.toUnsignedLong(bytes) << BYTES_BITS | mix(name() + bytes) >>> BYTES_BITS;
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 32) * GOLDEN;
        return mixed ^ mixed >>> 29;
    }

    /** Writes it into a block of at least its size. */
    void fill(MemorySegment block) {
        block.set(WORD, NAME_OFFSET, name());
        block.set(WORD, CHECK_OFFSET, check());
        for (long offset = WorkList.BYTES_MIN; offset < bytes; offset++) {
            block.set(ValueLayout.JAVA_BYTE, offset, pattern(offset));
        }
    }

    private byte pattern(long offset) {
        return (byte) mix(name() + offset);
    }

    /** The stamp a block has, if all of its bytes belong to one. */
    static Optional<Stamp> read(MemorySegment block) {
        if (block.byteSize() < WorkList.BYTES_MIN) {
            return Optional.empty();
        }
        long name = block.get(WORD, NAME_OFFSET);
        long check = block.get(WORD, CHECK_OFFSET);
        Stamp stamp = new Stamp(
                (int) (name >>> WORKER_SHIFT) & BYTE_MASK, name >>> LAP_SHIFT & LAP_MASK, (int) (name & ID_MASK), (int)
                        (check >>> BYTES_BITS));
        boolean whole = (name & MARK_MASK) == MARK
                && stamp.check() == check
                && stamp.bytes <= block.byteSize()
                && stamp.hasPattern(block);
        return whole ? Optional.of(stamp) : Optional.empty();
    }

    private boolean hasPattern(MemorySegment block) {
        for (long offset = WorkList.BYTES_MIN; offset < bytes; offset++) {
            if (block.get(ValueLayout.JAVA_BYTE, offset) != pattern(offset)) {
                return false;
            }
        }
        return true;
    }
}
