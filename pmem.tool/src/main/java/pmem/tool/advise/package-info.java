/** {@code pmem advise}: replays recorded allocations on every policy and some of its parameters and recommends one. */
package pmem.tool.advise;
