package pmem.api;

/**
 * What a write-back and a fence mean on the memory a pool is mapped from, and so which failures its contents survive.
 *
 * <p>The domain is chosen when a pool is opened (detected, or asked for with {@link PoolOptions#durability}) and reported by
 * {@link Pool#durability()}.
 */
public enum DurabilityDomain {
    /** A DAX file mapped with MAP_SYNC, or a DAX device: cache lines are written back by the CPU. */
    SYNCHRONOUS_DAX("synchronous-dax", true, true, true),
    /** DAX memory on a platform whose CPU caches are inside the persistence domain (eADR): a fence is enough. */
    PERSISTENT_CACHES("persistent-caches", true, true, true),
    /** Any other file: dirty ranges are gathered and one synchronous flush per fence moves them to the device. */
    PAGE_CACHE_POWER_FAIL_SAFE("page-cache-power-fail-safe", true, true, true),
    /** Any other file, without flushing: the kernel keeps the pages when the process dies, nothing else is survived. */
    PAGE_CACHE_PROCESS_KILL_SAFE("page-cache-process-kill-safe", true, false, false),
    /** Cache lines are written back as on DAX although the memory is not persistent; for measuring. */
    FORCED_CACHE_LINE("forced-cache-line", true, false, false),
    /** Anonymous memory: nothing outlives the pool. */
    VOLATILE("volatile", false, false, false);

    private final String id;
    private final boolean survivesProcessKill;
    private final boolean survivesSystemCrash;
    private final boolean survivesPowerLoss;

    DurabilityDomain(String id, boolean survivesProcessKill, boolean survivesSystemCrash, boolean survivesPowerLoss) {
        this.id = id;
        this.survivesProcessKill = survivesProcessKill;
        this.survivesSystemCrash = survivesSystemCrash;
        this.survivesPowerLoss = survivesPowerLoss;
    }

    /** The name used on the command line and in reports, for example {@code forced-cache-line}. */
    public String id() {
        return id;
    }

    /** Whether acknowledged operations are found again after the process was killed. */
    public boolean survivesProcessKill() {
        return survivesProcessKill;
    }

    /** Whether acknowledged operations are found again after the operating system crashed. */
    public boolean survivesSystemCrash() {
        return survivesSystemCrash;
    }

    /** Whether acknowledged operations are found again after the power was cut. */
    public boolean survivesPowerLoss() {
        return survivesPowerLoss;
    }

    /**
     * The domain with this id.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static DurabilityDomain ofId(String id) {
        StringBuilder known = new StringBuilder();
        for (DurabilityDomain domain : values()) {
            if (domain.id.equals(id)) {
                return domain;
            }
            known.append(known.isEmpty() ? "" : ", ").append(domain.id);
        }
        throw new IllegalArgumentException("unknown durability domain: expected one of " + known + ", found=" + id);
    }
}
