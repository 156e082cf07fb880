/**
 * JMH benchmarks of the workloads in {@link pmem.bench.measure}, on pools. The time is that of one operation, one allocate or one
 * free; lines and fences of an operation are printed beside it as secondary results.
 */
package pmem.bench.jmh;
