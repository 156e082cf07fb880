/**
 * Commands that show what is there and mend it: the policies on the module path, the facts of one pool, its check and repair.
 *
 * <p>Only a repair changes a pool.
 */
package pmem.tool.inspect;
