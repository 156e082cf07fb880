package pmem.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import pmem.api.Handles;
import pmem.api.OutOfSpaceException;
import pmem.api.PoolCorruptedException;
import pmem.spi.Region;

/**
 * Named roots: the table on media and a volatile index of its names. One lock, since roots are looked up once and kept.
 */
final class RootTable {
    private final Region region;
    private final PoolGeometry geometry;
    private final ReentrantLock lock = new ReentrantLock();
    // Names with a slot: those with a handle, and those whose slot an application holds.
    private final Map<String, Integer> slotOf = new TreeMap<>();
    private final BitSet usedSlots = new BitSet();
    private final BitSet heldSlots = new BitSet();

    /**
     * Reads the table.
     *
     * @throws PoolCorruptedException if a used slot's name does not fit its checksum, or stands there twice
     */
    RootTable(Region region, PoolGeometry geometry) {
        this.region = region;
        this.geometry = geometry;
        for (int slot = 0; slot < geometry.roots(); slot++) {
            if (handleAt(slot) == Handles.NONE) {
                continue;
            }
            String name = readName(slot);
            usedSlots.set(slot);
            if (slotOf.put(name, slot) != null) {
                throw damaged(slot, "names that differ", "a second \"" + name + "\"");
            }
        }
    }

    /** The handle of a name, or {@link Handles#NONE}. */
    long get(String name) {
        encode(name);
        lock.lock();
        try {
            Integer slot = slotOf.get(name);
            return slot == null ? Handles.NONE : handleAt(slot);
        } finally {
            lock.unlock();
        }
    }

    /** A copy of all names and handles. */
    Map<String, Long> all() {
        lock.lock();
        try {
            Map<String, Long> handles = new TreeMap<>();
            slotOf.forEach((name, slot) -> handles.put(name, handleAt(slot)));
            handles.values().removeIf(handle -> handle == Handles.NONE);
            return handles;
        } finally {
            lock.unlock();
        }
    }

    /** Sets, replaces or removes a name, durably. */
    void set(String name, long handle, LinkEngine links) {
        lock.lock();
        try {
            if (handle != Handles.NONE) {
                links.setRoot(handleOffset(slotFor(name)), handle);
                return;
            }
            encode(name);
            Integer used = slotOf.get(name);
            if (used != null) {
                links.setRoot(handleOffset(used), Handles.NONE);
                if (!heldSlots.get(used)) {
                    slotOf.remove(name);
                    usedSlots.clear(used);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Offset of the word that holds a name's handle, which belongs to the name until the pool is closed. */
    long hold(String name) {
        lock.lock();
        try {
            int slot = slotFor(name);
            heldSlots.set(slot);
            return handleOffset(slot);
        } finally {
            lock.unlock();
        }
    }

    // A name without a handle stays free on media, so a crash forgets it.
    private int slotFor(String name) {
        byte[] encoded = encode(name);
        Integer used = slotOf.get(name);
        if (used != null) {
            return used;
        }
        int slot = freeSlot(name);
        storeName(slot, encoded);
        slotOf.put(name, slot);
        usedSlots.set(slot);
        return slot;
    }

    private void storeName(int slot, byte[] name) {
        long offset = slotOffset(slot);
        region.storePlain(offset + RootTableLayout.NAME_HEADER_OFFSET, RootTableLayout.nameHeader(name));
        for (int i = 0; i < name.length; i += Long.BYTES) {
            region.storePlain(offset + RootTableLayout.NAME_OFFSET + i, Words.pack(name, i));
        }
        region.writeBack(PoolPoints.ROOT_NAME, offset, RootTableLayout.NAME_OFFSET + name.length);
        region.fence(PoolPoints.ROOT_NAME);
    }

    private int freeSlot(String name) {
        int slot = usedSlots.nextClearBit(0);
        if (slot < geometry.roots()) {
            return slot;
        }
        throw new OutOfSpaceException(
                "the table of roots is full: pool=" + region.name() + " name=\"" + name + "\" roots=" + geometry.roots()
                        + "; remove a root, or create the pool with a larger PoolOptions.roots");
    }

    private String readName(int slot) {
        long offset = slotOffset(slot);
        long header = region.loadPlain(offset + RootTableLayout.NAME_HEADER_OFFSET);
        byte[] name = new byte[RootTableLayout.nameBytes(header)];
        for (int i = 0; i < name.length; i += Long.BYTES) {
            Words.unpack(region.loadPlain(offset + RootTableLayout.NAME_OFFSET + i), name, i);
        }
        if (name.length == 0 || RootTableLayout.nameHeader(name) != header) {
            throw damaged(slot, "a name that fits its checksum", "header=0x" + Long.toHexString(header));
        }
        return new String(name, UTF_8);
    }

    private long handleAt(int slot) {
        return region.loadAcquire(handleOffset(slot));
    }

    private long handleOffset(int slot) {
        return slotOffset(slot) + RootTableLayout.HANDLE_OFFSET;
    }

    private long slotOffset(int slot) {
        return geometry.rootsOffset() + slot * RootTableLayout.SLOT_BYTES;
    }

    private static byte[] encode(String name) {
        byte[] encoded = name.getBytes(UTF_8);
        if (encoded.length == 0 || encoded.length > RootTableLayout.NAME_BYTES_MAX) {
            throw new IllegalArgumentException("root name has a wrong length: expected 1 to "
                    + RootTableLayout.NAME_BYTES_MAX + " bytes of UTF-8, found=" + encoded.length);
        }
        return encoded;
    }

    private PoolCorruptedException damaged(int slot, String expected, String found) {
        return new PoolCorruptedException("the table of roots is damaged: pool=" + region.name() + " slot=" + slot
                + " offset=0x" + Long.toHexString(slotOffset(slot)) + ", expected " + expected + ", found " + found);
    }
}
