import org.jspecify.annotations.NullMarked;

/**
 * The allocator as an application sees it ({@link pmem.api}) and as a provider implements it ({@link pmem.spi}).
 *
 * <p>This module contains contracts and the few small building blocks that several providers share. Files and memory,
 * placement policies and the recovery protocol live in modules of their own, found by {@link java.util.ServiceLoader}: an
 * application requires this module and puts the others on its module path.
 */
@NullMarked
module pmem.api {
    requires static org.jspecify;

    exports pmem.api;
    exports pmem.spi;
    exports pmem.spi.extent;

    uses pmem.spi.PoolProvider;
    uses pmem.spi.PolicyProvider;
    uses pmem.spi.RegionProvider;
}
