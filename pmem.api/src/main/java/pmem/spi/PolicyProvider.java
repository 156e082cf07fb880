package pmem.spi;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import pmem.api.RepairItem;

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
     * How much of a space must be there at least, if it is to grow later: all metadata of the whole space, and some room for
     * blocks.
     *
     * @param startOffset start of the space
     * @param endOffset end of the space, when it has grown as far as it can
     * @return the smallest {@link PolicySpace#usableEndOffset}; empty, as here, if the policy's spaces can't grow
     */
    default OptionalLong leastUsableEnd(long startOffset, long endOffset, PolicyParameters parameters) {
        return OptionalLong.empty();
    }

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

    /**
     * Changes words of a damaged space so that {@link #attach} succeeds and {@link Policy#verify} finds nothing: what the
     * format's own redundancy tells is put right, the rest is given up; intact blocks stay. Runs on a view of the space that
     * nobody else uses, after unfinished operations were undone; the pool makes the changes durable, in the order they were
     * stored, after it has saved the old words. A crash between two of them must leave a space that can be repaired again. No
     * write-back and no fence here.
     *
     * @param items takes what is done, one item for each finding
     * @return whether the policy can do this; the default can't, and changes nothing
     */
    default boolean repair(PolicySpace space, PolicyParameters parameters, Consumer<RepairItem> items) {
        return false;
    }

    /** Every point at which the policy writes back or fences. */
    List<PersistPoint> persistPoints();
}
