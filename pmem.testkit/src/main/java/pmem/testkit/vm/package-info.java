/**
 * What runs inside the virtual machine of {@code pmem.testkit/vm}: replays a trace on pools of real device kinds, acknowledges every
 * operation over the console, and after a cut of the power compares what is there with what was acknowledged.
 */
package pmem.testkit.vm;
