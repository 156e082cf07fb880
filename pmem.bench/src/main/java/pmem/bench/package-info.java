/// JMH benchmarks.
package pmem.bench;
