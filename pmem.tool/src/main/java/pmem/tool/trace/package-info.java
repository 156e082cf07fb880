/**
 * Recorded allocations of real programs: the file format, its reader, and the content that identifies a replayed block.
 *
 * <p>Knows no pool; {@code pmem.tool.demo} and {@code pmem.tool.replay} turn operations into pool calls.
 */
package pmem.tool.trace;
