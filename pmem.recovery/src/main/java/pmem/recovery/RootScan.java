package pmem.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.Region;

/** Reads all slots of the table of roots, the damaged ones too. */
final class RootScan {
    /** A slot whose name does not fit its checksum. */
    static final String NAME = "root.name";
    /** A slot whose name stands in an earlier slot too. */
    static final String DUPLICATE = "root.duplicate";

    private final Region region;
    private final PoolGeometry geometry;
    private final LongPredicate isLive;

    /**
     * A scan.
     *
     * @param isLive whether a handle names a live block
     */
    RootScan(Region region, PoolGeometry geometry, LongPredicate isLive) {
        this.region = region;
        this.geometry = geometry;
        this.isLive = isLive;
    }

    /** A checksum of the used slots; 0 if there are none. */
    static long sum(Region region, PoolGeometry geometry) {
        long sum = 0;
        for (int slot = 0; slot < geometry.roots(); slot++) {
            long offset = geometry.rootsOffset() + slot * RootTableLayout.SLOT_BYTES;
            long handle = region.loadAcquire(offset + RootTableLayout.HANDLE_OFFSET);
            if (handle != Handles.NONE) {
                long header = region.loadPlain(offset + RootTableLayout.NAME_HEADER_OFFSET);
                sum += Checksums.add(Checksums.add(slot, handle), header);
            }
        }
        return sum;
    }

    /** Takes what is wrong with a used slot. */
    interface Visitor {
        void wrong(int slot, long handle, Finding finding);
    }

    /** Visits every used slot something is wrong with; a slot with more than one fault is visited for the gravest. */
    void run(Visitor visitor) {
        Map<String, Integer> slotOf = new HashMap<>();
        for (int slot = 0; slot < geometry.roots(); slot++) {
            long handle = region.loadAcquire(slotOffset(slot) + RootTableLayout.HANDLE_OFFSET);
            if (handle == Handles.NONE) {
                continue;
            }
            byte[] name = name(slot);
            Integer earlier = isRight(slot, name) ? slotOf.putIfAbsent(new String(name, UTF_8), slot) : null;
            if (!isRight(slot, name)) {
                String found = "header=0x" + Long.toHexString(header(slot)) + " handle=" + Handles.format(handle);
                visitor.wrong(slot, handle, finding(slot, NAME, "a name that fits its checksum", found));
            } else if (earlier != null) {
                String found = quoted(name) + " as in slot " + earlier + " handle=" + Handles.format(handle);
                visitor.wrong(slot, handle, finding(slot, DUPLICATE, "names that differ", found));
            } else if (!isLive.test(handle)) {
                String found = quoted(name) + " handle=" + Handles.format(handle);
                visitor.wrong(slot, handle, finding(slot, Finding.DANGLING_ROOT, "the handle of a live block", found));
            }
        }
    }

    private Finding finding(int slot, String code, String expected, String found) {
        Finding.Severity severity =
                code.equals(Finding.DANGLING_ROOT) ? Finding.Severity.WARNING : Finding.Severity.ERROR;
        return new Finding(severity, code, "root slot " + slot, slotOffset(slot), expected, found);
    }

    private static String quoted(byte[] name) {
        return "\"" + new String(name, UTF_8) + "\"";
    }

    private byte[] name(int slot) {
        byte[] name = new byte[RootTableLayout.nameBytes(header(slot))];
        for (int i = 0; i < name.length; i += Long.BYTES) {
            Words.unpack(region.loadPlain(slotOffset(slot) + RootTableLayout.NAME_OFFSET + i), name, i);
        }
        return name;
    }

    private boolean isRight(int slot, byte[] name) {
        return name.length > 0 && RootTableLayout.nameHeader(name) == header(slot);
    }

    private long header(int slot) {
        return region.loadPlain(slotOffset(slot) + RootTableLayout.NAME_HEADER_OFFSET);
    }

    private long slotOffset(int slot) {
        return geometry.rootsOffset() + slot * RootTableLayout.SLOT_BYTES;
    }
}
