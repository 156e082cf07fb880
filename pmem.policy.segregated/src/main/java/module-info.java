import org.jspecify.annotations.NullMarked;

/**
 * The {@code segregated} policy: size classes in slabs with headers of their own, divided among threads.
 *
 * <p>A provider of {@link pmem.spi.PolicyProvider}, found through the service loader; nothing is exported.
 */
@NullMarked
module pmem.policy.segregated {
    requires pmem.api;
    requires static org.jspecify;

    provides pmem.spi.PolicyProvider with
            pmem.policy.segregated.SegregatedProvider;
}
