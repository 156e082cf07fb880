/**
 * {@code pmem demo}: kills a process that replays a real program's allocations, and checks after every kill that nothing
 * acknowledged was lost and nothing leaked.
 *
 * <p>The parent keeps the {@link pmem.tool.demo.Model}; the child has the pool. They share one
 * {@link pmem.tool.demo.ReplayPlan}, made from the same trace, and talk through the child's standard input
 * ({@link pmem.tool.demo.Handover}) and output ({@link pmem.tool.demo.Acknowledgement}, {@link pmem.tool.demo.ChildReport}).
 */
package pmem.tool.demo;
