package pmem.recovery;

import pmem.spi.PersistPoint;

/** Every point at which a repair writes back or fences. Not among {@link PoolPoints}: an open pool never passes them. */
final class RepairPoints {
    static final PersistPoint APPLIED = new PersistPoint(
            "repair.applied",
            "Each part of a repair is on media before the next one is begun: superblocks, log, undone operations, policy and"
                    + " roots. With any of them missing, the next repair finds the rest; the old bytes are in the backup.");
    static final PersistPoint UNDONE = new PersistPoint(
            "repair.undone",
            "The saved bytes are on media before undoing a repair returns. With a part of them, undoing again puts the rest"
                    + " back.");

    private RepairPoints() {}
}
