package pmem.tool.trace;

import java.util.Arrays;

/** A growing hash table from long to int without boxing; keys are never removed. Not thread-safe. */
final class LongIntTable {
    // A key k is stored as it is; whether a slot is taken is told apart by a flag array, so every key is allowed.
    private long[] keys = new long[1 << 10];
    private int[] values = new int[1 << 10];
    private boolean[] taken = new boolean[1 << 10];
    private int size;

    int get(long key, int absent) {
        int slot = slotOf(key);
        return taken[slot] ? values[slot] : absent;
    }

    void put(long key, int value) {
        int slot = slotOf(key);
        if (!taken[slot] && 2 * ++size > keys.length) {
            grow();
            slot = slotOf(key);
        }
        keys[slot] = key;
        values[slot] = value;
        taken[slot] = true;
    }

    private int slotOf(long key) {
        int slot = (int) (BlockContent.mix(key) >>> 32) & (keys.length - 1);
        while (taken[slot] && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        boolean[] oldTaken = taken;
        keys = new long[2 * oldKeys.length];
        values = Arrays.copyOf(values, keys.length);
        taken = new boolean[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldTaken[i]) {
                int slot = slotOf(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
                taken[slot] = true;
            }
        }
    }
}
