package pmem.api;

/** Receives the live blocks of a pool during {@link Pool#forEachBlock}. */
@FunctionalInterface
public interface BlockVisitor {
    /**
     * Called once for each live block.
     *
     * @param handle the block
     * @param usableBytes how many bytes from the block's start belong to it, at least what was asked for
     */
    void visit(long handle, long usableBytes);
}
