package pmem.recovery;

import java.util.concurrent.ConcurrentHashMap;
import pmem.spi.Policy;
import pmem.spi.StateField;

/**
 * Blocks that are reserved and not yet allocated, by handle. Volatile: a crash frees them.
 *
 * <p>Removing a block from here is what decides who may publish or cancel it.
 */
final class Reservations {
    /** Who reserved a block; told apart by identity. */
    interface Owner {}

    /** Owner of blocks reserved through the pool itself. */
    static final Owner POOL = new Owner() {};

    /**
     * A reserved block.
     *
     * @param field its state field
     * @param value what makes it allocated
     * @param bytes what was asked for
     * @param usableBytes what it holds
     * @param owner the transaction that reserved it, or {@link #POOL}
     */
    record Reservation(long field, long value, long bytes, long usableBytes, Owner owner) {}

    /** No reservation. */
    static final Reservation NONE = new Reservation(StateField.NONE, 0, 0, 0, POOL);

    private final ConcurrentHashMap<Long, Reservation> byHandle = new ConcurrentHashMap<>();

    /** Records a block the policy has just reserved. */
    Reservation add(long handle, Policy policy, long bytes, long alignmentBytes, Owner owner) {
        long value = policy.allocatedValue(handle, bytes, alignmentBytes);
        Reservation reservation =
                new Reservation(policy.stateField(handle), value, bytes, policy.usableBytes(handle, value), owner);
        byHandle.put(handle, reservation);
        return reservation;
    }

    /**
     * Records a block that a scope has reserved.
     *
     * @param contentBytes how many bytes a publish makes durable
     */
    void addDetached(long handle, Policy policy, long usableBytes, long contentBytes) {
        long value = policy.allocatedValue(handle, usableBytes, 1);
        byHandle.put(handle, new Reservation(policy.stateField(handle), value, contentBytes, usableBytes, POOL));
    }

    /** Puts a block back that was removed for an operation that could not be done. */
    void putBack(long handle, Reservation reservation) {
        byHandle.put(handle, reservation);
    }

    /** Takes a block out for its owner; false if there is none with that owner. */
    boolean remove(long handle, Reservation reservation) {
        return byHandle.remove(handle, reservation);
    }

    /** The reservation of a handle, or one whose field is {@link StateField#NONE}. */
    Reservation find(long handle) {
        return byHandle.getOrDefault(handle, NONE);
    }

    /** Number of reserved blocks. */
    long count() {
        return byHandle.mappingCount();
    }

    /** Usable bytes of reserved blocks. */
    long usableBytes() {
        long sum = 0;
        for (Reservation reservation : byHandle.values()) {
            sum += reservation.usableBytes();
        }
        return sum;
    }
}
