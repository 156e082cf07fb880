/**
 * What every command shares: its streams, its exit codes, its errors, and the pool files it makes for itself.
 *
 * <p>The lowest layer of the tool; knows no command.
 */
package pmem.tool.common;
