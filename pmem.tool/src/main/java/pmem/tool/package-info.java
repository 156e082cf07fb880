/**
 * The command line itself: what commands there are, and how their errors reach the user.
 *
 * <p>The top layer of the tool; every other package is below it.
 */
package pmem.tool;
