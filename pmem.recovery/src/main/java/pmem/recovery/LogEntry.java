package pmem.recovery;

import pmem.spi.Region;
import pmem.spi.StateField;

/**
 * A live entry found on media.
 *
 * @param lane its lane
 * @param index its place in the lane
 * @param offset its first byte
 * @param groupEnd index of the last entry of its group
 * @param kind one of {@link UndoLogLayout}'s kinds, or another value if the entry is damaged
 * @param words how many words it is about
 * @param target offset of the first of them
 */
record LogEntry(int lane, int index, long offset, int groupEnd, int kind, int words, long target) {
    /** Receives bits of words. */
    interface BitsVisitor {
        void bits(long wordOffset, long mask);
    }

    /** Reads the entry at an index of a lane; null-free: an entry that is not live has kind 0. */
    static LogEntry read(Region region, PoolGeometry geometry, int lane, int index, long liveSequence) {
        long offset = UndoLogLayout.entryOffset(geometry.laneOffset(lane), index);
        long head = region.loadPlain(offset + UndoLogLayout.SEQUENCE_OFFSET);
        boolean live = UndoLogLayout.sequence(head) == liveSequence
                && region.loadPlain(offset + UndoLogLayout.CHECKSUM_OFFSET)
                        == UndoLogLayout.checksum(region, offset, lane, index);
        if (!live) {
            return new LogEntry(lane, index, offset, index, 0, 0, 0);
        }
        long target = region.loadPlain(offset + UndoLogLayout.TARGET_OFFSET);
        return new LogEntry(
                lane,
                index,
                offset,
                index + UndoLogLayout.remaining(head),
                UndoLogLayout.kind(target),
                UndoLogLayout.wordCount(target),
                UndoLogLayout.targetOffset(target));
    }

    boolean isLive() {
        return kind != 0;
    }

    /** One of the entry's five words. */
    long word(Region region, int i) {
        return region.loadPlain(offset + UndoLogLayout.WORDS_OFFSET + (long) i * Long.BYTES);
    }

    /** Whether the entry is one the protocol writes: about words a pool may change, in a lane of this size. */
    boolean isPlausible(Region region, PoolGeometry geometry) {
        if (groupEnd >= geometry.laneEntries()) {
            return false;
        }
        return switch (kind) {
            case UndoLogLayout.KIND_UNDO -> words == 2 && geometry.isPolicyWord(target);
            case UndoLogLayout.KIND_SNAPSHOT ->
                words >= 1
                        && words <= UndoLogLayout.ENTRY_WORDS
                        && geometry.isPolicyWord(target)
                        && geometry.isPolicyWord(target + (words - 1L) * Long.BYTES);
            case UndoLogLayout.KIND_INTENT ->
                index == 0
                        && groupEnd == 0
                        && words == UndoLogLayout.ENTRY_WORDS
                        && (geometry.isPolicyWord(target) || geometry.isRootHandle(target))
                        && isFieldOrNone(geometry, word(region, 1))
                        && isFieldOrNone(geometry, word(region, 3));
            default -> false;
        };
    }

    private static boolean isFieldOrNone(PoolGeometry geometry, long field) {
        return field == StateField.NONE || geometry.isPolicyWord(StateField.wordOffset(field));
    }

    /** Every bit the entry speaks about. */
    void forEachBits(Region region, BitsVisitor visitor) {
        switch (kind) {
            case UndoLogLayout.KIND_UNDO -> visitor.bits(target, word(region, 0));
            case UndoLogLayout.KIND_SNAPSHOT -> {
                for (int i = 0; i < words; i++) {
                    visitor.bits(target + (long) i * Long.BYTES, -1L);
                }
            }
            default -> {
                visitor.bits(target, -1L);
                visitFieldBits(word(region, 1), visitor);
                visitFieldBits(word(region, 3), visitor);
            }
        }
    }

    private static void visitFieldBits(long field, BitsVisitor visitor) {
        if (field != StateField.NONE) {
            visitor.bits(StateField.wordOffset(field), StateField.mask(field));
        }
    }
}
