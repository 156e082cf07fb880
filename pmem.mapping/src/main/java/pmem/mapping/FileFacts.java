package pmem.mapping;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code statx(2)} says about a file; its structure is the same on every processor.
 *
 * @param mode type and permission bits
 * @param deviceMajor first part of the number of the device that holds the file
 * @param deviceMinor second part of it
 * @param inode number of the file on its device
 * @param sizeBytes its length
 * @param allocatedBytes bytes of the blocks it has, the file system's own among them
 * @param owner user and group number
 * @param targetMajor of a device's file, first part of the number of the device it stands for
 * @param targetMinor second part of it
 */
record FileFacts(
        int mode,
        int deviceMajor,
        int deviceMinor,
        long inode,
        long sizeBytes,
        long allocatedBytes,
        String owner,
        int targetMajor,
        int targetMinor) {
    /** Size of the structure. */
    static final long STATX_BYTES = 256;

    private static final long USER_OFFSET = 20;
    private static final long GROUP_OFFSET = 24;
    private static final long MODE_OFFSET = 28;
    private static final long INODE_OFFSET = 32;
    private static final long SIZE_OFFSET = 40;
    private static final long BLOCKS_OFFSET = 48;
    private static final long TARGET_MAJOR_OFFSET = 128;
    private static final long TARGET_MINOR_OFFSET = 132;
    private static final long DEVICE_MAJOR_OFFSET = 136;
    private static final long DEVICE_MINOR_OFFSET = 140;
    private static final long BLOCK_BYTES = 512;

    private static final int TYPE_MASK = 0xf000;
    private static final int TYPE_FIFO = 0x1000;
    private static final int TYPE_CHARACTER_DEVICE = 0x2000;
    private static final int TYPE_DIRECTORY = 0x4000;
    private static final int TYPE_BLOCK_DEVICE = 0x6000;
    private static final int TYPE_REGULAR = 0x8000;
    private static final int TYPE_SYMBOLIC_LINK = 0xa000;
    private static final int TYPE_SOCKET = 0xc000;
    private static final int PERMISSION_MASK = 0xfff;

    /** The file a path leads to, if there is one that may be looked at. */
    static Optional<FileFacts> of(Path path) {
        return read(buffer -> Posix.statx(path, true, buffer));
    }

    /** The file with this name, even if it is a symbolic link. */
    static Optional<FileFacts> ofName(Path path) {
        return read(buffer -> Posix.statx(path, false, buffer));
    }

    /** The file behind an open descriptor, whatever its names are now. */
    static Optional<FileFacts> ofDescriptor(int descriptor) {
        return read(buffer -> Posix.statx(descriptor, buffer));
    }

    private interface Query {
        int fill(MemorySegment buffer);
    }

    private static Optional<FileFacts> read(Query query) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(STATX_BYTES, Long.BYTES);
            if (query.fill(buffer) < 0) {
                return Optional.empty();
            }
            return Optional.of(new FileFacts(
                    Short.toUnsignedInt(buffer.get(JAVA_SHORT, MODE_OFFSET)),
                    buffer.get(JAVA_INT, DEVICE_MAJOR_OFFSET),
                    buffer.get(JAVA_INT, DEVICE_MINOR_OFFSET),
                    buffer.get(JAVA_LONG, INODE_OFFSET),
                    buffer.get(JAVA_LONG, SIZE_OFFSET),
                    buffer.get(JAVA_LONG, BLOCKS_OFFSET) * BLOCK_BYTES,
                    Integer.toUnsignedString(buffer.get(JAVA_INT, USER_OFFSET)) + ":"
                            + Integer.toUnsignedString(buffer.get(JAVA_INT, GROUP_OFFSET)),
                    buffer.get(JAVA_INT, TARGET_MAJOR_OFFSET),
                    buffer.get(JAVA_INT, TARGET_MINOR_OFFSET)));
        }
    }

    boolean isRegular() {
        return (mode & TYPE_MASK) == TYPE_REGULAR;
    }

    boolean isDirectory() {
        return (mode & TYPE_MASK) == TYPE_DIRECTORY;
    }

    /** Whether it could be a DAX device. */
    boolean isCharacterDevice() {
        return (mode & TYPE_MASK) == TYPE_CHARACTER_DEVICE;
    }

    boolean isSameFile(FileFacts other) {
        return deviceMajor == other.deviceMajor && deviceMinor == other.deviceMinor && inode == other.inode;
    }

    /** The kind of thing, for messages. */
    String kind() {
        return switch (mode & TYPE_MASK) {
            case TYPE_REGULAR -> "regular-file";
            case TYPE_DIRECTORY -> "directory";
            case TYPE_CHARACTER_DEVICE -> "character-device";
            case TYPE_BLOCK_DEVICE -> "block-device";
            case TYPE_FIFO -> "fifo";
            case TYPE_SYMBOLIC_LINK -> "symbolic-link";
            case TYPE_SOCKET -> "socket";
            default -> "unknown";
        };
    }

    /** Kind, owner and permission bits, as facts of a message. */
    String permissions() {
        return kind() + " owner=" + owner + " mode=0" + Integer.toOctalString(mode & PERMISSION_MASK);
    }
}
