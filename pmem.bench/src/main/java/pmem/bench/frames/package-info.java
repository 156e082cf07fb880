/**
 * The benchmarks of nvalloc and LLFree, which allocate frames of one size: bulk, repeat, random, filling. Their figures are means of
 * a thread, and of these the least, the mean and the greatest; allocations and frees apart.
 */
package pmem.bench.frames;
