package pmem.spi;

import java.util.List;

/** A placement policy; found by {@link java.util.ServiceLoader} and chosen by its id. Stateless and thread-safe. */
public interface PolicyProvider {
    /** The id recorded in pools: lower-case letters, digits and hyphens, at most 32. */
    String id();

    /** One sentence on what the policy is good for. */
    String summary();

    /** Version of the policy's media format; recorded, and a pool of a newer one is refused. */
    int formatVersion();

    /** The parameters a user may choose, at most 32, in the order they are recorded. */
    List<PolicyParameter> parameters();

    /**
     * Smallest space that can be formatted, in bytes.
     *
     * @throws IllegalArgumentException if the parameters contradict each other
     */
    long minimumBytes(PolicyParameters parameters);

    /**
     * Makes the space an empty heap on media. The pool does not exist before this returns, so no order is needed inside; all
     * lines must be written back, and the caller fences.
     *
     * @param zeroed whether the space reads as zero and so needs no clearing
     */
    void format(PolicySpace space, PolicyParameters parameters, boolean zeroed);

    /**
     * Builds the volatile structures from media, in whatever consistent state a crash left it. May repair what a crash during
     * a creation of the policy's own left half done; running it again, also after a crash inside it, gives the same result.
     *
     * @throws pmem.api.PoolCorruptedException if the media holds what the policy never writes
     */
    Policy attach(PolicySpace space, PolicyParameters parameters);

    /** Every point at which the policy writes back or fences. */
    List<PersistPoint> persistPoints();
}
