import org.jspecify.annotations.NullMarked;

/**
 * The {@code bitmap} policy: arenas of equal blocks whose states are bits of one dense area, claimed without locks.
 *
 * <p>A provider of {@link pmem.spi.PolicyProvider}, found through the service loader; nothing is exported.
 */
@NullMarked
module pmem.policy.bitmap {
    requires pmem.api;
    requires static org.jspecify;

    provides pmem.spi.PolicyProvider with
            pmem.policy.bitmap.BitmapProvider;
}
