package pmem.testkit.crash;

/**
 * The block sizes operations use.
 *
 * @param smallBytes a size of which a tiny pool holds many
 * @param mediumBytes a size of which it holds some
 * @param largeBytes a size of which it holds few
 * @param alignmentBytes the alignment of aligned blocks
 */
public record Sizes(long smallBytes, long mediumBytes, long largeBytes, long alignmentBytes) {
    /** Sizes for a pool of this many bytes. */
    public static Sizes forCapacity(long capacityBytes) {
        return new Sizes(48, 200, Math.max(600, capacityBytes / 8), 256);
    }
}
