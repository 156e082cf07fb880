import org.jspecify.annotations.NullMarked;

/**
 * The policy {@code buddy}: blocks of any length in a binary buddy system, one byte of media per smallest unit.
 *
 * <p>A provider of {@link pmem.spi.PolicyProvider}, found through the service loader; nothing is exported.
 */
@NullMarked
module pmem.policy.buddy {
    requires pmem.api;
    requires static org.jspecify;

    provides pmem.spi.PolicyProvider with
            pmem.policy.buddy.BuddyPolicyProvider;
}
