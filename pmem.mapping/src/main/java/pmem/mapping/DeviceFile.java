package pmem.mapping;

import java.nio.file.Path;
import java.util.Optional;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

/** Tells whether a character device is one of persistent memory, and opens it. */
final class DeviceFile {
    private DeviceFile() {}

    /** The DAX device a file stands for, if it does; the system's word counts, not the file's name. */
    static Optional<DaxDevice> of(FileFacts facts, Sysfs sysfs) {
        return facts.isCharacterDevice() ? sysfs.daxDevice(facts.targetMajor(), facts.targetMinor()) : Optional.empty();
    }

    /** @throws PoolOpenException with {@link Reason#NOT_A_FILE} if its figures cannot be right */
    static DaxDevice requireUsable(DaxDevice device, Path path) {
        if (!device.isUsable()) {
            throw new PoolOpenException(
                    Reason.NOT_A_FILE,
                    "DAX device cannot hold a pool: expected an alignment that is a power of two and at least one unit"
                            + " of it, found sizeBytes=" + device.sizeBytes() + " alignmentBytes="
                            + device.alignmentBytes() + " pool=" + path
                            + "; make it anew, for example with ndctl create-namespace -m devdax --align=2M");
        }
        return device;
    }

    /**
     * The medium of an open device.
     *
     * @throws PoolOpenException with {@link Reason#NOT_A_FILE} if it does not do what the system says of it
     */
    static Medium requireMedium(int descriptor, DaxDevice device, Path path) {
        return Medium.ofDevice(descriptor, device)
                .orElseThrow(() -> new PoolOpenException(
                        Reason.NOT_A_FILE,
                        "device cannot hold a pool: expected one that is mapped with MAP_SYNC, found one that"
                                + " refuses it: pool=" + path
                                + "; use a device of persistent memory (/dev/daxX.Y)"));
    }

    /**
     * How much of a device a new pool takes.
     *
     * @throws PoolOpenException with {@link Reason#NO_SPACE} if that is more than it has
     */
    static long requireRoom(DaxDevice device, long capacityBytes, Path path) {
        long granularity = device.granularityBytes();
        // Never overflows: the largest capacity was rounded up to less than 2^63 already.
        long bytes = (capacityBytes - 1 | granularity - 1) + 1;
        if (bytes < 0 || bytes > device.usableBytes()) {
            throw new PoolOpenException(
                    Reason.NO_SPACE,
                    "new pool is larger than its device: neededBytes=" + bytes + " availableBytes="
                            + device.usableBytes() + " pool=" + path + "; ask for less capacity");
        }
        return bytes;
    }
}
