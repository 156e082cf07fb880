/// Write-ahead log, opening, checking and repairing of a pool.
package pmem.recovery;
