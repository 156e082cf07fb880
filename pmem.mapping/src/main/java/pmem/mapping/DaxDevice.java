package pmem.mapping;

/**
 * A character device whose mapping is persistent memory itself, without a file system (devdax).
 *
 * @param sizeBytes all of it
 * @param alignmentBytes what addresses, lengths and offsets of mappings must be multiples of
 * @param memory what is known of the memory
 */
record DaxDevice(long sizeBytes, long alignmentBytes, DeviceMemory memory) {
    /** The largest page of a processor; a device that asks for more is not understood. */
    private static final long ALIGNMENT_BYTES_MAX = 1L << 30;

    /** What addresses and lengths are multiples of; never less than a huge page, as for files. */
    long granularityBytes() {
        return Math.max(alignmentBytes, AddressRange.ALIGNMENT_BYTES);
    }

    /** The bytes that can be mapped. */
    long usableBytes() {
        return sizeBytes & -granularityBytes();
    }

    /** Whether its figures make sense. */
    boolean isUsable() {
        return alignmentBytes > 0
                && alignmentBytes <= ALIGNMENT_BYTES_MAX
                && Long.bitCount(alignmentBytes) == 1
                && usableBytes() > 0;
    }
}
