/** {@code pmem explore}: runs the crash explorer of {@code pmem.testkit} from the command line. */
package pmem.tool.explore;
