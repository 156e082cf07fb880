/**
 * What is measured: the {@link pmem.bench.measure.Allocator} under test, the workloads, and a round of one workload.
 *
 * <p>One operation is one allocate or one free in every workload, so that figures compare. A process measures one allocator
 * only: then the calls in the loops have one target, and the JIT inlines it.
 */
package pmem.bench.measure;
