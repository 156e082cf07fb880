package pmem.policy.segregated;

import java.util.List;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyParameters;
import pmem.spi.extent.ExtentParameters;
import pmem.spi.extent.KeptPlan;
import pmem.spi.extent.SizeClasses;

/**
 * The chosen parameters of the segregated policy.
 *
 * @param pageBytes size of a page, a power of two from 256 to 1 MiB
 * @param slabBytes least size of a slab where room is not short
 * @param largestClassBytes largest block that comes from a slab, a power of two
 * @param arenas number of arenas of each NUMA node that threads are divided among, a power of two
 * @param headerColours number of places in a slab where its header can be, a power of two
 * @param emptySlabsKept empty slabs of each class and owner that keep their pages
 * @param growth a new slab holds one part in so many of the blocks of its class; 0 for slabs of full size at once
 * @param maintenanceMillis time between two looks at idle owners, 0 for none
 * @param idleSlabsPerTick most slabs an idle owner gives up at a look
 * @param mediumBytes largest block that is a run of units, 0 for none
 * @param mediumUnitBytes size of such a unit, a power of two
 * @param mediumSegmentBytes size of a segment of units where room is not short, a power of two
 * @param mediumSegments a segment takes one part in so many of the pool where that is more, 0 for one length in all pools
 * @param slabsWithRoomKept most slabs with room of a class that an owner in use keeps at a look
 * @param emptyBytesKept most bytes of empty slabs that all owners together keep at a look
 * @param giveBackTicks looks in a row at which free space must be free until its storage goes back, 0 for never
 * @param freeBytesKept free space that keeps its storage nevertheless
 * @param adoptAfter releases in a row after which a slab becomes the releasing thread's, 0 for never
 * @param largeBytesKept most bytes of freed large blocks that are kept for the next ones of their length
 * @param largeBlockBytesKept largest freed block that is kept so, 0 for none
 * @param threadCaches platform threads of each NUMA node that have slabs to themselves without an access, 0 for none
 */
record SegregatedParameters(
        long pageBytes,
        long slabBytes,
        int largestClassBytes,
        int arenas,
        int headerColours,
        int emptySlabsKept,
        long maintenanceMillis,
        int idleSlabsPerTick,
        int growth,
        long mediumBytes,
        int mediumUnitBytes,
        long mediumSegmentBytes,
        int mediumSegments,
        int slabsWithRoomKept,
        long emptyBytesKept,
        int giveBackTicks,
        long freeBytesKept,
        int adoptAfter,
        long largeBytesKept,
        long largeBlockBytesKept,
        int threadCaches) {

    private static final int STEPS_PER_DOUBLING = 8;

    private static final PolicyParameter SLAB_BYTES = new PolicyParameter(
            "slabBytes",
            65_536,
            256,
            64 << 20,
            true,
            "Size of a slab that has grown, in bytes, rounded up to pages; slabs of large classes are longer, to hold 4 blocks.");
    private static final PolicyParameter LARGEST_CLASS_BYTES = new PolicyParameter(
            "largestClassBytes",
            4096,
            128,
            1 << 20,
            true,
            "Largest size in bytes that is served from slabs of equal blocks; larger blocks are runs of units up to mediumBytes, and"
                    + " whole pages above.");
    private static final PolicyParameter ARENAS = new PolicyParameter(
            "arenas",
            4,
            1,
            256,
            true,
            "Number of arenas of each NUMA node, each with slabs of its own, that threads without an access or a place among threadCaches are"
                    + " divided among in turn: virtual threads are.");
    private static final PolicyParameter HEADER_COLOURS = new PolicyParameter(
            "headerColours",
            8,
            1,
            32,
            true,
            "Number of cache lines over which the headers of slabs of 16 KiB and more are spread, so that they do not"
                    + " compete for the same cache sets.");
    private static final PolicyParameter EMPTY_SLABS_KEPT = new PolicyParameter(
            "emptySlabsKept",
            1,
            0,
            1024,
            false,
            "Number of empty slabs of each block size and of each owner (a thread, an access or an arena), and of empty segments of each arena,"
                    + " that keep their"
                    + " pages until room is short.");

    private static final PolicyParameter MAINTENANCE_MILLIS = new PolicyParameter(
            "maintenanceMillis",
            1000,
            0,
            3_600_000,
            false,
            "Time in milliseconds between two looks at the slabs of idle owners; 0 for none. The looks begin with"
                    + " the first access, the second thread that has slabs to itself, or at once if giveBackTicks is set.");
    private static final PolicyParameter IDLE_SLABS_PER_TICK = new PolicyParameter(
            "idleSlabsPerTick",
            16,
            0,
            1 << 20,
            false,
            "Most slabs that an owner which was not used since the last look gives up: 1 at the first such look, then"
                    + " 2, 4, 8 and so on up to this; and most kept large blocks of a group of threads.");

    private static final PolicyParameter GROWTH = new PolicyParameter(
            "growth",
            8,
            0,
            1024,
            false,
            "A new slab holds one part in so many of the blocks that slabs of its class hold already, at most slabBytes; 0 for"
                    + " slabs of slabBytes from the start.",
            0);
    private static final PolicyParameter MEDIUM_BYTES = new PolicyParameter(
            "mediumBytes",
            16_384,
            0,
            16 << 20,
            false,
            "Largest size in bytes that is served from runs of small units, for blocks larger than largestClassBytes; larger ones"
                    + " take whole pages. 0, or no more than largestClassBytes, for none.",
            0);
    private static final PolicyParameter MEDIUM_UNIT_BYTES = new PolicyParameter(
            "mediumUnitBytes",
            512,
            64,
            4096,
            true,
            "Size of such a unit in bytes, but at most pageBytes; each costs one byte of metadata.");
    private static final PolicyParameter MEDIUM_SEGMENT_BYTES = new PolicyParameter(
            "mediumSegmentBytes",
            32_768,
            256,
            64 << 20,
            true,
            "Size in bytes of a segment of such units where room is not short, rounded up to pages, to what the largest block needs, and to"
                    + " where a block of the size asked for ends.");
    private static final PolicyParameter MEDIUM_SEGMENTS = new PolicyParameter(
            "mediumSegments",
            256,
            0,
            1 << 20,
            false,
            "A segment of such units takes one part in so many of the pool, at most 1 MiB, where that is more than mediumSegmentBytes; 0 for"
                    + " the same size in pools of any size, as earlier releases made them.",
            0);

    private static final PolicyParameter SLABS_WITH_ROOM_KEPT = new PolicyParameter(
            "slabsWithRoomKept",
            64,
            0,
            1 << 20,
            false,
            "Most slabs with room, of each block size, that an owner in use keeps at a look of the maintainer beside the one"
                    + " it allocates from; the others go to whoever needs them first.");
    private static final PolicyParameter EMPTY_BYTES_KEPT = new PolicyParameter(
            "emptyBytesKept",
            64 << 20,
            0,
            1L << 50,
            false,
            "Most bytes of empty slabs that all owners together keep at a look of the maintainer; the others become"
                    + " free space.");
    private static final PolicyParameter GIVE_BACK_TICKS = new PolicyParameter(
            "giveBackTicks",
            0,
            0,
            30_000,
            false,
            "Number of looks of the maintainer in a row at which 2 MiB must have been free until their storage goes back to the"
                    + " system, in pools whose storage comes as it is needed; 0 for never.");
    private static final PolicyParameter FREE_BYTES_KEPT = new PolicyParameter(
            "freeBytesKept",
            64 << 20,
            0,
            1L << 50,
            false,
            "Free space in bytes, the lowest in the pool, whose storage the maintainer does not give back.");

    private static final PolicyParameter ADOPT_AFTER = new PolicyParameter(
            "adoptAfter",
            0,
            0,
            1 << 20,
            false,
            "Number of blocks of a slab that another owner's threads must free in a row, nobody else freeing there, for the"
                    + " slab to become theirs; slabs of accesses that are gone do at the first. 0 for never: blocks go back to the"
                    + " owner that allocated them.");

    private static final PolicyParameter LARGE_BYTES_KEPT = new PolicyParameter(
            "largeBytesKept",
            64 << 20,
            0,
            1L << 50,
            false,
            "Most bytes of freed large blocks that are kept for the next ones of their length, all together; each of "
                    + KeptPlan.GROUPS
                    + " groups that threads are divided among on each NUMA node keeps its share. They are free space: whoever finds no"
                    + " room gets them, for anything.");
    private static final PolicyParameter LARGE_BLOCK_BYTES_KEPT = new PolicyParameter(
            "largeBlockBytesKept",
            8 << 20,
            0,
            1L << 50,
            false,
            "Largest freed block in bytes that is kept so, and no larger than such a share; 0 for none.");

    private static final PolicyParameter THREAD_CACHES = new PolicyParameter(
            "threadCaches",
            64,
            0,
            1 << 16,
            false,
            "Number of platform threads on each NUMA node, rounded up to a power of two, that have slabs to themselves without an access, so that"
                    + " their calls on the pool take no lock; when one has ended, another gets its slabs. Threads that find no place share"
                    + " arenas; 0 for all of them.");

    /** In the order in which pools record them: new ones come last. */
    static final List<PolicyParameter> DECLARED = List.of(
            ExtentParameters.PAGE_BYTES,
            SLAB_BYTES,
            LARGEST_CLASS_BYTES,
            ARENAS,
            HEADER_COLOURS,
            EMPTY_SLABS_KEPT,
            MAINTENANCE_MILLIS,
            IDLE_SLABS_PER_TICK,
            GROWTH,
            MEDIUM_BYTES,
            MEDIUM_UNIT_BYTES,
            MEDIUM_SEGMENT_BYTES,
            SLABS_WITH_ROOM_KEPT,
            EMPTY_BYTES_KEPT,
            GIVE_BACK_TICKS,
            FREE_BYTES_KEPT,
            ADOPT_AFTER,
            LARGE_BYTES_KEPT,
            LARGE_BLOCK_BYTES_KEPT,
            MEDIUM_SEGMENTS,
            THREAD_CACHES);

    static SegregatedParameters of(PolicyParameters values) {
        return new SegregatedParameters(
                values.get(ExtentParameters.PAGE_BYTES.name()),
                values.get(SLAB_BYTES.name()),
                (int) values.get(LARGEST_CLASS_BYTES.name()),
                (int) values.get(ARENAS.name()),
                (int) values.get(HEADER_COLOURS.name()),
                (int) values.get(EMPTY_SLABS_KEPT.name()),
                values.get(MAINTENANCE_MILLIS.name()),
                (int) values.get(IDLE_SLABS_PER_TICK.name()),
                (int) values.get(GROWTH.name()),
                values.get(MEDIUM_BYTES.name()),
                (int) Math.min(values.get(MEDIUM_UNIT_BYTES.name()), values.get(ExtentParameters.PAGE_BYTES.name())),
                values.get(MEDIUM_SEGMENT_BYTES.name()),
                (int) values.get(MEDIUM_SEGMENTS.name()),
                (int) values.get(SLABS_WITH_ROOM_KEPT.name()),
                values.get(EMPTY_BYTES_KEPT.name()),
                (int) values.get(GIVE_BACK_TICKS.name()),
                values.get(FREE_BYTES_KEPT.name()),
                (int) values.get(ADOPT_AFTER.name()),
                values.get(LARGE_BYTES_KEPT.name()),
                values.get(LARGE_BLOCK_BYTES_KEPT.name()),
                (int) values.get(THREAD_CACHES.name()));
    }

    /** Whether there are medium blocks. */
    boolean hasMedium() {
        return mediumBytes > largestClassBytes;
    }

    SizeClasses sizeClasses() {
        return SizeClasses.stepped(STEPS_PER_DOUBLING, largestClassBytes);
    }
}
