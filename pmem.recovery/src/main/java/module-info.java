import org.jspecify.annotations.NullMarked;

/**
 * Makes a region and a policy into a pool that survives crashes: superblock, persistent undo log, commit engine, roots, and
 * recovery at open.
 *
 * <p>Knows neither a policy nor a mapping: it is handed a {@link pmem.spi.Region} and looks the policy up by the id the pool
 * records. Exports nothing; applications reach it through {@link pmem.api.Pool}.
 */
@NullMarked
module pmem.recovery {
    requires transitive pmem.api;
    requires static org.jspecify;

    provides pmem.spi.PoolProvider with
            pmem.recovery.RecoveryPoolProvider;
}
