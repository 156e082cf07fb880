/**
 * What a provider implements, and the building blocks providers share.
 *
 * <p>Three kinds of provider exist. A {@link pmem.spi.RegionProvider} maps bytes; a {@link pmem.spi.PolicyProvider} decides
 * which bytes become a block; the {@link pmem.spi.PoolProvider} joins one region and one policy into a {@link pmem.api.Pool}
 * and alone knows how to make changes durable. The rule everything rests on: every block has exactly one state word on
 * media, and every allocate and every free is one change of that word ({@link pmem.spi.StateField}).
 */
package pmem.spi;
