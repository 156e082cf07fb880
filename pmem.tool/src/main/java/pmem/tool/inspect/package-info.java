/**
 * Commands that show what is there: the policies on the module path, the facts of one pool.
 *
 * <p>They change no block.
 */
package pmem.tool.inspect;
