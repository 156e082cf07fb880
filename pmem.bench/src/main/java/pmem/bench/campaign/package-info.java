/**
 * Measures many allocators side by side: for each workload the rounds of all of them are interleaved, so that a machine that
 * drifts or is busy for a while hits all alike.
 */
package pmem.bench.campaign;
