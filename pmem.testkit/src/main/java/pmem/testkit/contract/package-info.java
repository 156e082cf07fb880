/**
 * The contract suite: the promises in the Javadoc of {@link pmem.api.Pool} as tests, for whichever policy is on the module path.
 *
 * <p>Somebody who writes a policy adds this module, {@code pmem.mapping} and {@code pmem.recovery} to the tests and extends one
 * class:
 *
 * <pre>{@code
 * @PolicyUnderTest("mine")                                     // left out: every policy there is
 * class MyPolicyContractTest extends PoolContract {}           // more than 150 clauses, per durability domain
 *
 * @PolicyUnderTest(value = "mine", parameters = "unitBytes=64")
 * class MyPolicySmallUnitsContractTest extends PoolContract {} // the same with other parameters
 * }</pre>
 *
 * <p>A single theme can be extended alike, for example {@link pmem.testkit.contract.ThreadContract}. The system properties
 * {@code pmem.policy} (one id), {@code pmem.dir} (where all pool files go) and {@code pmem.seed} (for random tests, printed by a
 * failure) narrow a run. Random sequences of operations are in {@link pmem.testkit.property}.
 */
package pmem.testkit.contract;
