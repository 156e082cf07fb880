/** The allocators under test: pools of every policy, what Java programs use today, native libraries, and the bare floor. */
package pmem.bench.allocator;
