import org.jspecify.annotations.NullMarked;

/// Write-ahead log, opening, checking and repairing of a pool.
@NullMarked
module pmem.recovery {
    requires transitive pmem.api;
    requires static org.jspecify;
}
