package pmem.recovery;

import pmem.spi.Policy;
import pmem.spi.StateField;

/**
 * Blocks that are reserved and not yet allocated, by handle. Volatile: a crash frees them.
 *
 * <p>Removing a block from here is what decides who may publish or cancel it. Thread-safe.
 */
final class Reservations {
    /** Owner of blocks reserved through the pool itself; those of transactions are {@link Claims#newOwner}. */
    static final long POOL = Claims.NOBODY;

    /** What a handle has that is not reserved. */
    static final long NOT_RESERVED = LongTable.ABSENT;

    /**
     * A reserved block.
     *
     * @param field its state field
     * @param value what makes it allocated
     * @param bytes what was asked for
     * @param usableBytes what it holds
     * @param owner the transaction that reserved it, or {@link #POOL}
     */
    record Reservation(long field, long value, long bytes, long usableBytes, long owner) {}

    /** No reservation. */
    static final Reservation NONE = new Reservation(StateField.NONE, 0, 0, 0, POOL);

    private static final int OWNER = 0;
    static final int VALUE = 1;
    static final int BYTES = 2;
    private static final int USABLE_BYTES = 3;

    private final Policy policy;
    private final LongTable byHandle = new LongTable();

    Reservations(Policy policy) {
        this.policy = policy;
    }

    /** Records a block the policy has just reserved. */
    void add(long handle, long bytes, long alignmentBytes, long owner) {
        long value = policy.allocatedValue(handle, bytes, alignmentBytes);
        byHandle.put(handle, owner, value, bytes, policy.usableBytes(handle, value));
    }

    /**
     * Records a block that a scope has reserved.
     *
     * @param contentBytes how many bytes a publish makes durable
     */
    void addDetached(long handle, long usableBytes, long contentBytes) {
        byHandle.put(handle, POOL, policy.allocatedValue(handle, usableBytes, 1), contentBytes, usableBytes);
    }

    /** Puts a block back that was taken out by {@link #take} for an operation that could not be done. */
    void putBack(long handle, long value, long bytes) {
        byHandle.put(handle, POOL, value, bytes, policy.usableBytes(handle, value));
    }

    /** What makes a reserved block allocated; any other number if it is not reserved. */
    long valueOf(long handle) {
        return byHandle.get(handle, VALUE);
    }

    /**
     * Takes a block out that was reserved through the pool.
     *
     * @param value its {@link #valueOf}
     * @return the bytes asked for, or {@link #NOT_RESERVED} if there is no such block
     */
    long take(long handle, long value) {
        return byHandle.take(handle, POOL, value, BYTES);
    }

    /**
     * Takes a block out that was reserved through the pool.
     *
     * @param taken where its owner, value, bytes asked for and usable bytes are put
     * @return whether there was one; if not, nothing was changed
     */
    boolean take(long handle, long[] taken) {
        return byHandle.take(handle, POOL, taken);
    }

    /** Takes a block out for its owner; false if there is none with that owner. */
    boolean remove(long handle, Reservation reservation) {
        return remove(handle, reservation.owner(), reservation.value());
    }

    /** As {@link #remove(long, Reservation)}, with the owner and what makes the block allocated. */
    boolean remove(long handle, long owner, long value) {
        return byHandle.take(handle, owner, value, BYTES) != LongTable.ABSENT;
    }

    /** Whether a block is reserved. */
    boolean contains(long handle) {
        return byHandle.contains(handle);
    }

    /** Whether a block is reserved by an owner. */
    boolean isOf(long handle, long owner) {
        return byHandle.get(handle, OWNER) == owner;
    }

    /** What a reserved block holds, or {@link #NOT_RESERVED}. */
    long usableBytesOf(long handle) {
        return byHandle.get(handle, USABLE_BYTES);
    }

    /** The reservation of a handle that nobody else publishes or cancels, or {@link #NONE}. */
    Reservation find(long handle) {
        long owner = byHandle.get(handle, OWNER);
        return owner == LongTable.ABSENT
                ? NONE
                : new Reservation(
                        policy.stateField(handle),
                        byHandle.get(handle, VALUE),
                        byHandle.get(handle, BYTES),
                        byHandle.get(handle, USABLE_BYTES),
                        owner);
    }

    /** Number of reserved blocks. */
    long count() {
        return byHandle.count();
    }

    /** Usable bytes of reserved blocks. */
    long usableBytes() {
        long[] sum = {0};
        byHandle.forEach((handle, owner, value, bytes, usableBytes) -> sum[0] += usableBytes);
        return sum[0];
    }
}
