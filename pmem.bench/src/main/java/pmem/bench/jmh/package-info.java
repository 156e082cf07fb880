/** JMH benchmarks. One operation is one allocate or one free, so that figures compare across workloads. */
package pmem.bench.jmh;
