/**
 * Two real threads on one state word, one block or one reservation: the word protocols and hand-overs of a pool under
 * jcstress, where the hardware and the compilers choose the order, and not a scheduler.
 *
 * <p>Every test takes turns over all policies on the module path, one {@link pmem.testkit.stress.StressPool} per
 * repetition. Outcomes read: what the first thread's call did, what the second's did, and whether the pool is intact afterwards.
 */
@NullMarked
package pmem.testkit.stress;

import org.jspecify.annotations.NullMarked;
