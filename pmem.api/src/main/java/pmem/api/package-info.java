/**
 * What an application writes against: pools, handles, durability, errors.
 *
 * <p>A {@link pmem.api.Pool} hands out <em>blocks</em> named by <em>handles</em> (plain {@code long}s, offsets in the pool,
 * {@link pmem.api.Handles#NONE} is none). Handles stay valid wherever the pool is mapped. No method accepts or returns
 * {@code null}.
 */
package pmem.api;
