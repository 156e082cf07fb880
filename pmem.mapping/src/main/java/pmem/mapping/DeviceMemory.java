package pmem.mapping;

import java.util.OptionalInt;

/**
 * What the system says of the memory behind a device.
 *
 * @param persistence how far a store must have come to survive a power cut
 * @param numaNode the node it is near to, if that is known
 */
record DeviceMemory(PersistenceDomain persistence, OptionalInt numaNode) {
    /** Nothing is said. */
    static final DeviceMemory UNKNOWN = new DeviceMemory(PersistenceDomain.UNKNOWN, OptionalInt.empty());

    /** What holds for memory put together from both. */
    DeviceMemory and(DeviceMemory other) {
        return new DeviceMemory(
                persistence.weaker(other.persistence),
                numaNode.equals(other.numaNode) ? numaNode : OptionalInt.empty());
    }
}
