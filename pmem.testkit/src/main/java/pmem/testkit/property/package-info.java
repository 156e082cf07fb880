/**
 * The campaign: random sequences of operations on a real pool and on a model of it, step by step, until the two differ.
 *
 * <p>Somebody who writes a policy extends one class, as with the {@linkplain pmem.testkit.contract contract}:
 *
 * <pre>{@code
 * @PolicyUnderTest("mine")                              // left out: every policy there is
 * class MyPolicyCampaignTest extends PoolCampaign {}
 * }</pre>
 *
 * <p>A failure is shrunk to a short sequence and printed with what each step returned and the command that repeats it. The
 * system property {@code pmem.tries} is the number of sequences per policy, {@code pmem.seed} the seed of the first;
 * {@code pmem.policy} and {@code pmem.dir} work as in the contract. Sequences come from jqwik's generators and are shrunk by
 * them, but JUnit runs the campaign, so that its policies are found at run time and seed and size are properties.
 */
package pmem.testkit.property;
