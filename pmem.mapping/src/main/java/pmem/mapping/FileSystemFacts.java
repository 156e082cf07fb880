package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;

/**
 * What {@code fstatfs(2)} says about the file system of an open file.
 *
 * <p>The structure begins with words of 8 bytes on every 64-bit processor Linux and Java share except s390x: type at 0, block
 * size at 8, blocks free for anybody at 24, blocks free for this user at 32.
 *
 * @param type the file system's magic number; 0 if unknown
 * @param freeBytes bytes nobody has; {@link Long#MAX_VALUE} if unknown
 * @param availableBytes bytes an ordinary user can have; {@link Long#MAX_VALUE} if unknown
 */
record FileSystemFacts(long type, long freeBytes, long availableBytes) {
    static final long STATFS_BYTES = 256;

    private static final long TYPE_OFFSET = 0;
    private static final long BLOCK_BYTES_OFFSET = 8;
    private static final long BLOCKS_OFFSET = 16;
    private static final long FREE_OFFSET = 24;
    private static final long AVAILABLE_OFFSET = 32;
    private static final long TMPFS_MAGIC = 0x0102_1994L;
    private static final long RAMFS_MAGIC = 0x8584_58f6L;

    private static final long EXT_MAGIC = 0xef53L;
    private static final long XFS_MAGIC = 0x5846_5342L;
    private static final long BTRFS_MAGIC = 0x9123_683eL;
    private static final long OVERLAY_MAGIC = 0x794c_7630L;
    /** All magic numbers have 32 bits; some systems extend their sign. */
    private static final long TYPE_MASK = 0xffff_ffffL;

    private static final Set<Long> TELLING_HOLES =
            Set.of(TMPFS_MAGIC, EXT_MAGIC, XFS_MAGIC, BTRFS_MAGIC, OVERLAY_MAGIC);

    private static final Map<Long, String> NAMES = Map.of(
            TMPFS_MAGIC,
            "tmpfs",
            RAMFS_MAGIC,
            "ramfs",
            EXT_MAGIC,
            "ext4",
            XFS_MAGIC,
            "xfs",
            BTRFS_MAGIC,
            "btrfs",
            OVERLAY_MAGIC,
            "overlay",
            0x6969L,
            "nfs",
            0x0102_1997L,
            "9p",
            0x2fc1_2fc1L,
            "zfs",
            0xf2f5_2010L,
            "f2fs");

    static FileSystemFacts ofDescriptor(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(STATFS_BYTES, Long.BYTES);
            if (Posix.fstatfs(descriptor, buffer) < 0) {
                return new FileSystemFacts(0, Long.MAX_VALUE, Long.MAX_VALUE);
            }
            long blockBytes = buffer.get(JAVA_LONG, BLOCK_BYTES_OFFSET);
            // Some network and in-memory file systems report no blocks at all: then nothing is known.
            boolean known = buffer.get(JAVA_LONG, BLOCKS_OFFSET) > 0;
            return new FileSystemFacts(
                    buffer.get(JAVA_LONG, TYPE_OFFSET),
                    known ? blockBytes * buffer.get(JAVA_LONG, FREE_OFFSET) : Long.MAX_VALUE,
                    known ? blockBytes * buffer.get(JAVA_LONG, AVAILABLE_OFFSET) : Long.MAX_VALUE);
        }
    }

    /** The usual name of its type, or the number. */
    String name() {
        long number = type & TYPE_MASK;
        return NAMES.getOrDefault(number, "type=0x" + Long.toHexString(number));
    }

    /** Whether the files live in memory alone, so that no flush makes them survive the system. */
    boolean isInMemory() {
        return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
    }

    /**
     * Whether what the file system calls a hole reads as zero, by whatever way the file was written last. A file system that
     * asks somebody else, over a network or in another process, may not know of written pages that are still in memory here.
     */
    boolean tellsHoles() {
        return TELLING_HOLES.contains(type & TYPE_MASK);
    }

    /** Whether the blocks of a file are the pages it has and nothing else, so that their number says whether one is missing. */
    boolean countsPages() {
        return type == TMPFS_MAGIC;
    }
}
