/**
 * {@code pmem replay}: runs recorded allocations on a pool and reports speed, space and persist cost.
 *
 * <p>One process, one thread, no crash: the demo is for those.
 */
package pmem.tool.replay;
