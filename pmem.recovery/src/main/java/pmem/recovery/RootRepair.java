package pmem.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.function.Consumer;
import java.util.function.LongPredicate;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.RepairItem;
import pmem.api.RepairItem.Action;
import pmem.spi.Region;

/**
 * Makes a damaged table of roots right. A slot that names no live block is cleared. One that does, and whose own name is
 * damaged or used by another slot, gets the name {@code repaired-slot-N}, so that what it leads to is not lost.
 */
final class RootRepair {
    private final Region region;
    private final PoolGeometry geometry;
    private final LongPredicate isLive;
    private final Consumer<RepairItem> items;

    RootRepair(Region region, PoolGeometry geometry, LongPredicate isLive, Consumer<RepairItem> items) {
        this.region = region;
        this.geometry = geometry;
        this.isLive = isLive;
        this.items = items;
    }

    void run() {
        new RootScan(region, geometry, isLive).run(this::mend);
    }

    private void mend(int slot, long handle, Finding finding) {
        boolean nameIsRight = finding.code().equals(Finding.DANGLING_ROOT);
        if (!nameIsRight && isLive.test(handle)) {
            String name = "repaired-slot-" + slot;
            storeName(slot, name.getBytes(UTF_8));
            items.accept(new RepairItem(
                    Action.REATTACHED,
                    finding,
                    "block " + Handles.format(handle) + " is found under the name \"" + name + "\""));
        } else {
            region.storePlain(slotOffset(slot) + RootTableLayout.HANDLE_OFFSET, Handles.NONE);
            items.accept(new RepairItem(Action.DROPPED, finding, "the name is removed; it led to no live block"));
        }
    }

    private void storeName(int slot, byte[] name) {
        long offset = slotOffset(slot);
        region.storePlain(offset + RootTableLayout.NAME_HEADER_OFFSET, RootTableLayout.nameHeader(name));
        for (int i = 0; i < name.length; i += Long.BYTES) {
            region.storePlain(offset + RootTableLayout.NAME_OFFSET + i, Words.pack(name, i));
        }
    }

    private long slotOffset(int slot) {
        return geometry.rootsOffset() + slot * RootTableLayout.SLOT_BYTES;
    }
}
