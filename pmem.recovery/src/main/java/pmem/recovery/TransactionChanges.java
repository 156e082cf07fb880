package pmem.recovery;

import java.util.Arrays;

/** The buffered changes of one transaction: the field, its value now and then, and the block it belongs to. */
final class TransactionChanges {
    /** What a change is. */
    enum Kind {
        ALLOCATE,
        FREE,
        SET
    }

    private static final int FIRST_ROOM = 8;

    private Kind[] kinds = new Kind[FIRST_ROOM];
    private long[] fields = new long[FIRST_ROOM];
    private long[] oldValues = new long[FIRST_ROOM];
    private long[] newValues = new long[FIRST_ROOM];
    private long[] handles = new long[FIRST_ROOM];
    private long[] contentBytes = new long[FIRST_ROOM];
    private int count;

    int count() {
        return count;
    }

    Kind kind(int index) {
        return kinds[index];
    }

    long field(int index) {
        return fields[index];
    }

    long oldValue(int index) {
        return oldValues[index];
    }

    long newValue(int index) {
        return newValues[index];
    }

    long handle(int index) {
        return handles[index];
    }

    void setOldValue(int index, long value) {
        oldValues[index] = value;
    }

    void setNewValue(int index, long value) {
        newValues[index] = value;
    }

    /** For an allocation, the bytes of content that are to be there when the block is. */
    long contentBytes(int index) {
        return contentBytes[index];
    }

    void addAllocate(long field, long value, long handle, long bytes) {
        add(Kind.ALLOCATE, field, 0, value, handle);
        contentBytes[count - 1] = bytes;
    }

    void add(Kind kind, long field, long oldValue, long newValue, long handle) {
        if (count == fields.length) {
            int room = 2 * count;
            kinds = Arrays.copyOf(kinds, room);
            fields = Arrays.copyOf(fields, room);
            oldValues = Arrays.copyOf(oldValues, room);
            newValues = Arrays.copyOf(newValues, room);
            handles = Arrays.copyOf(handles, room);
            contentBytes = Arrays.copyOf(contentBytes, room);
        }
        kinds[count] = kind;
        fields[count] = field;
        oldValues[count] = oldValue;
        newValues[count] = newValue;
        handles[count] = handle;
        contentBytes[count] = 0;
        count++;
    }

    /** Index of the pending change of a word, or -1. */
    int indexOfSet(long field) {
        for (int i = 0; i < count; i++) {
            if (kinds[i] == Kind.SET && fields[i] == field) {
                return i;
            }
        }
        return -1;
    }

    /** Drops every change that belongs to a block. */
    void removeOf(long handle) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (handles[i] != handle) {
                kinds[kept] = kinds[i];
                fields[kept] = fields[i];
                oldValues[kept] = oldValues[i];
                newValues[kept] = newValues[i];
                handles[kept] = handles[i];
                contentBytes[kept] = contentBytes[i];
                kept++;
            }
        }
        count = kept;
    }
}
