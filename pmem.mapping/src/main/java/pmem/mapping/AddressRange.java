package pmem.mapping;

import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

/**
 * Addresses that belong to one region, from its opening until nobody can reach them.
 *
 * <p>What is mapped there changes - nothing, then a file or memory, and after close memory without meaning - but the
 * addresses are given back only by a cleaner when the region and all its slices are unreachable. So a write-back by a thread
 * that lost the race against close hits memory and never faults.
 */
final class AddressRange {
    /** The address is a multiple of this, the size of a huge page. */
    static final long ALIGNMENT_BYTES = 2L << 20;

    private static final int ANONYMOUS = Posix.MAP_PRIVATE | Posix.MAP_ANONYMOUS | Posix.MAP_NORESERVE;
    private static final int NO_DESCRIPTOR = -1;
    private static final int READ_WRITE = Posix.PROT_READ | Posix.PROT_WRITE;

    private final long address;
    private final long bytes;
    private final Unmapping unmapping;

    private AddressRange(long address, long bytes) {
        this.address = address;
        this.bytes = bytes;
        this.unmapping = new Unmapping(address, bytes);
        Platform.CLEANER.register(this, unmapping);
    }

    /**
     * Reserves aligned addresses without memory behind them.
     *
     * @param bytes a multiple of the page size
     * @param alignmentBytes a power of two that the address is a multiple of
     * @throws PoolOpenException with {@link Reason#SYSTEM} if the address space has no such range
     */
    static AddressRange reserve(long bytes, long alignmentBytes, String name) {
        long wide = Math.addExact(bytes, alignmentBytes);
        long start = Posix.mmap(0, wide, Posix.PROT_NONE, ANONYMOUS, NO_DESCRIPTOR);
        if (isError(start)) {
            throw new PoolOpenException(
                    Reason.SYSTEM,
                    "address space could not be reserved: pool=" + name + " bytes=" + bytes + " "
                            + Errno.describe((int) -start) + Errno.remedy((int) -start));
        }
        long address = (start + alignmentBytes - 1) & -alignmentBytes;
        giveBack(start, address - start);
        giveBack(address + bytes, start + wide - (address + bytes));
        return new AddressRange(address, bytes);
    }

    long address() {
        return address;
    }

    long bytes() {
        return bytes;
    }

    /** Maps as much of the file from its start, with {@code MAP_SHARED} or more; returns 0 or minus the error number. */
    int mapFile(int descriptor, int sharing, long fileBytes) {
        return mapFile(descriptor, sharing, 0, fileBytes);
    }

    /** Maps a part of the file to the same part of the range; returns 0 or minus the error number. */
    int mapFile(int descriptor, int sharing, long offset, long partBytes) {
        return place(READ_WRITE, sharing, descriptor, offset, partBytes);
    }

    /** Maps memory that reads as zero over the range; returns 0 or minus the error number. */
    int mapMemory() {
        return mapMemory(0, bytes);
    }

    /** Maps memory that reads as zero over a part of the range, which may be empty. */
    int mapMemory(long offset, long partBytes) {
        return partBytes == 0 ? 0 : place(READ_WRITE, ANONYMOUS, NO_DESCRIPTOR, offset, partBytes);
    }

    /** Maps a DAX device over the range to be read only; returns 0 or minus the error number. */
    int mapToRead(int descriptor, int sharing) {
        return place(Posix.PROT_READ, sharing, descriptor, 0, bytes);
    }

    private int place(int protection, int flags, int descriptor, long offset, long partBytes) {
        boolean ofFile = descriptor != NO_DESCRIPTOR;
        long result = Posix.mmap(
                address + offset, partBytes, protection, flags | Posix.MAP_FIXED, descriptor, ofFile ? offset : 0);
        if (isError(result)) {
            // The kernel may have cleared the range before it refused, and somebody else may map there from now on.
            unmapping.forfeited = true;
            return (int) result;
        }
        return 0;
    }

    static boolean isError(long mmapResult) {
        return mmapResult < 0 && mmapResult > -4096;
    }

    private static void giveBack(long start, long bytes) {
        if (bytes > 0) {
            Posix.munmap(start, bytes);
        }
    }

    private static final class Unmapping implements Runnable {
        private final long address;
        private final long bytes;
        private volatile boolean forfeited;

        Unmapping(long address, long bytes) {
            this.address = address;
            this.bytes = bytes;
        }

        @Override
        public void run() {
            if (!forfeited) {
                Posix.munmap(address, bytes);
            }
        }
    }
}
