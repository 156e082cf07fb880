package pmem.spi.extent;

import java.util.Arrays;

/**
 * A ladder of block sizes, all multiples of 16 bytes, and the look-up from a size asked for to its class. Immutable.
 *
 * <p>One table of bytes, one entry per 16 bytes up to the largest class, answers in one load.
 */
public final class SizeClasses {
    /** All sizes and so all offsets of blocks are multiples of this. */
    public static final int GRANULE_BYTES = 16;

    private static final int GRANULE_SHIFT = 4;
    private static final int LINEAR_BYTES_MAX = 128;

    private final int[] blockBytes;
    private final byte[] classOfGranules;
    private final int largestBytes;

    private SizeClasses(int[] blockBytes) {
        this.blockBytes = blockBytes;
        largestBytes = blockBytes[blockBytes.length - 1];
        classOfGranules = new byte[(largestBytes >>> GRANULE_SHIFT) + 1];
        int classIndex = 0;
        for (int granules = 0; granules < classOfGranules.length; granules++) {
            classIndex += granules << GRANULE_SHIFT > blockBytes[classIndex] ? 1 : 0;
            classOfGranules[granules] = (byte) classIndex;
        }
    }

    /**
     * Steps of 16 bytes up to 128, then so many equal steps a doubling.
     *
     * @param stepsPerDoubling 1, 2, 4 or 8; a block above 128 bytes wastes less than one part in {@code 1 + steps} of itself
     * @param largestBytes the last class, a power of two from 64 to 1 MiB
     */
    public static SizeClasses stepped(int stepsPerDoubling, int largestBytes) {
        int[] sizes = new int[256];
        int count = 0;
        for (int bytes = GRANULE_BYTES; bytes <= largestBytes; ) {
            sizes[count++] = bytes;
            bytes += bytes < LINEAR_BYTES_MAX ? GRANULE_BYTES : Integer.highestOneBit(bytes) / stepsPerDoubling;
        }
        return new SizeClasses(Arrays.copyOf(sizes, count));
    }

    /** Powers of two; both bounds are powers of two, the first at least 16. */
    public static SizeClasses powersOfTwo(int smallestBytes, int largestBytes) {
        int[] sizes = new int[Integer.SIZE];
        int count = 0;
        for (int bytes = smallestBytes; bytes <= largestBytes; bytes <<= 1) {
            sizes[count++] = bytes;
        }
        return new SizeClasses(Arrays.copyOf(sizes, count));
    }

    /** Number of classes, at most 128. */
    public int count() {
        return blockBytes.length;
    }

    /** Block size of a class. */
    public int bytes(int classIndex) {
        return blockBytes[classIndex];
    }

    /** Block size of the first class. */
    public int smallestBytes() {
        return blockBytes[0];
    }

    /** Block size of the last class. */
    public int largestBytes() {
        return largestBytes;
    }

    /** The class of the smallest blocks that hold so many bytes (at least 1), or -1 if no class does. */
    public int classOf(long bytes) {
        return bytes > largestBytes ? -1 : classOfGranules[(int) (bytes + GRANULE_BYTES - 1) >>> GRANULE_SHIFT];
    }

    /** As {@link #classOf(long)}, among the classes whose size is a multiple of a power of two. */
    public int classOf(long bytes, long alignmentBytes) {
        int classIndex = classOf(bytes);
        return classIndex < 0 || alignmentBytes <= GRANULE_BYTES ? classIndex : alignedFrom(classIndex, alignmentBytes);
    }

    /** The first class from the given one on whose size is a multiple of a power of two, or -1. */
    public int alignedFrom(int classIndex, long alignmentBytes) {
        for (int i = classIndex; i < blockBytes.length; i++) {
            if ((blockBytes[i] & (alignmentBytes - 1)) == 0) {
                return i;
            }
        }
        return -1;
    }
}
