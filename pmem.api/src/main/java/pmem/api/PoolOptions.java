package pmem.api;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How to open or create a pool. Immutable; each method returns a changed copy.
 *
 * <p>What describes the pool itself is used when it is created and recorded in it. When an existing pool is opened, a stated
 * capacity, policy or policy parameter must agree with the recorded one (a capacity up to the rounding of the mapping);
 * {@link #lanes}, {@link #laneEntries}, {@link #roots}, {@link #preallocate} and {@link #maxCapacity} are taken from the pool,
 * and so is the capacity of a pool that can grow.
 */
public final class PoolOptions {
    /** Smallest number of log lanes. */
    public static final int LANES_MIN = 1;
    /** Largest number of log lanes. */
    public static final int LANES_MAX = 4096;
    /** Fewest logged changes a lane can hold. */
    public static final int LANE_ENTRIES_MIN = 3;
    /** Most logged changes a lane can hold. */
    public static final int LANE_ENTRIES_MAX = 65_535;
    /** Fewest named roots a pool can hold. */
    public static final int ROOTS_MIN = 1;
    /** Most named roots a pool can hold. */
    public static final int ROOTS_MAX = 65_536;

    /** Whether a pool may, must or must not exist already. */
    public enum Mode {
        /** Open the pool, which must exist. */
        OPEN,
        /** Open the pool if it exists, else create it. */
        OPEN_OR_CREATE,
        /** Create the pool, which must not exist. */
        CREATE_NEW
    }

    private Mode mode = Mode.OPEN;
    private long capacityBytes;
    private long maxCapacityBytes;
    private Optional<String> policy = Optional.empty();
    private Map<String, Long> policyParameters = Collections.emptyMap();
    private Optional<DurabilityDomain> durability = Optional.empty();
    private int lanes = 64;
    private int laneEntries = 63;
    private int roots = 128;
    private boolean countPersists;
    private Optional<Duration> groupCommitInterval = Optional.empty();
    private boolean preallocate = true;
    private MemoryPlacement placement = MemoryPlacement.anywhere();
    private Duration lockWait = Duration.ZERO;
    private int accessLimit = 1024;

    private PoolOptions() {}

    private PoolOptions(PoolOptions other) {
        mode = other.mode;
        capacityBytes = other.capacityBytes;
        maxCapacityBytes = other.maxCapacityBytes;
        policy = other.policy;
        policyParameters = other.policyParameters;
        durability = other.durability;
        lanes = other.lanes;
        laneEntries = other.laneEntries;
        roots = other.roots;
        countPersists = other.countPersists;
        groupCommitInterval = other.groupCommitInterval;
        preallocate = other.preallocate;
        placement = other.placement;
        lockWait = other.lockWait;
        accessLimit = other.accessLimit;
    }

    /** Opens the pool, which must exist. */
    public static PoolOptions open() {
        return new PoolOptions();
    }

    /**
     * Opens the pool if it exists, else creates it with this capacity.
     *
     * @param capacityBytes size of the whole pool, metadata included; rounded up to the mapping's granularity
     * @throws IllegalArgumentException unless {@code capacityBytes > 0}
     */
    public static PoolOptions create(long capacityBytes) {
        return withCapacity(Mode.OPEN_OR_CREATE, capacityBytes);
    }

    /**
     * Creates the pool, which must not exist.
     *
     * @param capacityBytes size of the whole pool, metadata included; rounded up to the mapping's granularity
     * @throws IllegalArgumentException unless {@code capacityBytes > 0}
     */
    public static PoolOptions createNew(long capacityBytes) {
        return withCapacity(Mode.CREATE_NEW, capacityBytes);
    }

    private static PoolOptions withCapacity(Mode mode, long capacityBytes) {
        if (capacityBytes <= 0) {
            throw new IllegalArgumentException(
                    "capacity is not usable: expected more than 0 bytes, found=" + capacityBytes);
        }
        PoolOptions options = new PoolOptions();
        options.mode = mode;
        options.capacityBytes = capacityBytes;
        return options;
    }

    /**
     * Lets a new pool {@linkplain Pool#grow grow} to this size; left alone, it keeps its capacity for ever. Recorded in the pool.
     *
     * <p>All tables are laid out for the largest size at once, so a maximum costs what the policy's tables take for it: of each
     * MiB up to the maximum {@code segregated} takes 2 KiB, {@code bitmap} 4 KiB and {@code buddy} 16 KiB, with default
     * parameters. In a pool that is not {@linkplain #preallocate preallocated} they take storage as they are used. Addresses for the
     * maximum are reserved whenever the pool is open; that costs no memory.
     *
     * @param bytes at least the capacity; rounded up to the mapping's granularity
     * @throws IllegalArgumentException unless {@code bytes > 0}
     */
    public PoolOptions maxCapacity(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(
                    "maximum of the capacity is not usable: expected more than 0 bytes, found=" + bytes);
        }
        PoolOptions copy = new PoolOptions(this);
        copy.maxCapacityBytes = bytes;
        return copy;
    }

    /** Chooses the placement policy by its id; left alone, a new pool gets {@code bitmap}. */
    public PoolOptions policy(String id) {
        PoolOptions copy = new PoolOptions(this);
        copy.policy = Optional.of(id);
        return copy;
    }

    /**
     * How many accesses may be open at once, 1024 if left alone. Each keeps some space to itself.
     *
     * @throws IllegalArgumentException if {@code accesses < 0}
     */
    public PoolOptions accessLimit(int accesses) {
        if (accesses < 0) {
            throw new IllegalArgumentException(
                    "limit of accesses is not usable: expected at least 0, found=" + accesses);
        }
        PoolOptions copy = new PoolOptions(this);
        copy.accessLimit = accesses;
        return copy;
    }

    /** Sets one parameter of the policy; {@code pmem policies} lists names, units, defaults and ranges. */
    public PoolOptions policyParameter(String name, long value) {
        Map<String, Long> parameters = new TreeMap<>(policyParameters);
        parameters.put(name, value);
        PoolOptions copy = new PoolOptions(this);
        copy.policyParameters = Collections.unmodifiableMap(parameters);
        return copy;
    }

    /** Asks for a durability domain; left alone, the strongest one the path offers is taken. */
    public PoolOptions durability(DurabilityDomain domain) {
        PoolOptions copy = new PoolOptions(this);
        copy.durability = Optional.of(domain);
        return copy;
    }

    /**
     * Sets how many logged operations can run at once in a new pool; default 64.
     *
     * @throws IllegalArgumentException unless {@link #LANES_MIN} to {@link #LANES_MAX}
     */
    public PoolOptions lanes(int count) {
        PoolOptions copy = new PoolOptions(this);
        copy.lanes = inRange("lanes", count, LANES_MIN, LANES_MAX);
        return copy;
    }

    /**
     * Sets how many changed words one logged operation can have in a new pool; default 63, of 64 bytes each.
     *
     * @throws IllegalArgumentException unless {@link #LANE_ENTRIES_MIN} to {@link #LANE_ENTRIES_MAX}
     */
    public PoolOptions laneEntries(int count) {
        PoolOptions copy = new PoolOptions(this);
        copy.laneEntries = inRange("laneEntries", count, LANE_ENTRIES_MIN, LANE_ENTRIES_MAX);
        return copy;
    }

    /**
     * Sets how many named roots a new pool can hold; default 128, of 320 bytes each.
     *
     * @throws IllegalArgumentException unless {@link #ROOTS_MIN} to {@link #ROOTS_MAX}
     */
    public PoolOptions roots(int count) {
        PoolOptions copy = new PoolOptions(this);
        copy.roots = inRange("roots", count, ROOTS_MIN, ROOTS_MAX);
        return copy;
    }

    /** Counts cache lines and fences for {@link PoolStats}; costs a few nanoseconds an operation, default off. */
    public PoolOptions countPersists(boolean count) {
        PoolOptions copy = new PoolOptions(this);
        copy.countPersists = count;
        return copy;
    }

    /**
     * Makes allocate, free, publish and the batch calls return at once, durable with the next {@link Pool#sync} or, at the
     * latest, with the flush that begins when the interval is over; default off. All other calls keep their fences. What a
     * crash may undo then is stated at {@link Pool#sync}. Not recorded in the pool.
     *
     * @param interval time between flushes in the background; {@link Duration#ZERO} for none, so that only {@code sync}
     *     flushes
     * @throws IllegalArgumentException if the interval is negative
     */
    public PoolOptions groupCommit(Duration interval) {
        if (interval.isNegative()) {
            throw new IllegalArgumentException(
                    "the interval of group commit is not usable: expected zero or more, found=" + interval);
        }
        PoolOptions copy = new PoolOptions(this);
        copy.groupCommitInterval = Optional.of(interval);
        return copy;
    }

    /**
     * Chooses whether the file of a new pool gets all its blocks at once; default true. Recorded in the pool.
     *
     * <p>A pool that is not preallocated starts as a sparse file and takes blocks from its file system in steps of 2 MiB, as it
     * is filled; {@link Pool#trim} gives them back. It may so be larger than what the file system has: when that is full, allocations
     * that need a new step throw {@link OutOfSpaceException}. All that the pool itself touches has blocks before it is touched.
     * The risk left: whoever makes further holes in the file, and fills the file system, kills the process at the next access to
     * one (SIGBUS). Of a preallocated pool every open closes holes first.
     */
    public PoolOptions preallocate(boolean allocate) {
        PoolOptions copy = new PoolOptions(this);
        copy.preallocate = allocate;
        return copy;
    }

    /** Says where the pool's pages are to be and when they are made; left alone, the system decides. Not recorded in the pool. */
    public PoolOptions placement(MemoryPlacement wanted) {
        PoolOptions copy = new PoolOptions(this);
        copy.placement = wanted;
        return copy;
    }

    /**
     * Waits so long for another opener of the pool to close it, before it is refused as {@link
     * PoolOpenException.Reason#LOCKED}; default not at all. An interrupt ends the wait and stays set.
     *
     * @throws IllegalArgumentException if the duration is negative
     */
    public PoolOptions lockWait(Duration longest) {
        if (longest.isNegative()) {
            throw new IllegalArgumentException(
                    "the wait for the lock is not usable: expected zero or more, found=" + longest);
        }
        PoolOptions copy = new PoolOptions(this);
        copy.lockWait = longest;
        return copy;
    }

    private static int inRange(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "option " + name + " is out of range: expected " + min + " to " + max + ", found=" + value);
        }
        return value;
    }

    /** Whether the pool may, must or must not exist. */
    public Mode mode() {
        return mode;
    }

    /** Asked capacity in bytes; 0 when a pool is only opened. */
    public long capacityBytes() {
        return capacityBytes;
    }

    /** Largest size a new pool can grow to in bytes; 0 if it shall not grow. */
    public long maxCapacityBytes() {
        return maxCapacityBytes;
    }

    /** The policy asked for, if any. */
    public Optional<String> policy() {
        return policy;
    }

    /** Policy parameters that were set, by name. */
    public Map<String, Long> policyParameters() {
        return policyParameters;
    }

    /** The durability domain asked for, if any. */
    public Optional<DurabilityDomain> durability() {
        return durability;
    }

    /** Number of log lanes of a new pool. */
    public int lanes() {
        return lanes;
    }

    /** Logged changes a lane of a new pool can hold. */
    public int laneEntries() {
        return laneEntries;
    }

    /** Number of named roots a new pool can hold. */
    public int roots() {
        return roots;
    }

    /** Time between flushes in the background if changes are made durable in groups; zero if only by {@link Pool#sync}. */
    public Optional<Duration> groupCommitInterval() {
        return groupCommitInterval;
    }

    /** Whether cache lines and fences are counted. */
    public boolean countPersists() {
        return countPersists;
    }

    /** How long to wait for another opener to close the pool. */
    public Duration lockWait() {
        return lockWait;
    }

    /** Where the pool's pages are to be and when they are made. */
    public MemoryPlacement placement() {
        return placement;
    }

    /** Whether the file of a new pool gets all its blocks at once. */
    public boolean preallocate() {
        return preallocate;
    }

    /** How many accesses may be open at once. */
    public int accessLimit() {
        return accessLimit;
    }
}
