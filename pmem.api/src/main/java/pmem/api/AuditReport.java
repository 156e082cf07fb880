package pmem.api;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Which live blocks of a pool no root leads to. Immutable.
 *
 * <p>Holds the handle of every leaked block, 16 bytes each, and nothing for the others.
 */
public final class AuditReport {
    private final long liveBlocks;
    private final long[] handles;
    private final long[] usableBytes;
    private final List<LeakedSize> sizes;
    private final List<StrayReference> strayReferences;
    private final long strayReferenceCount;

    /**
     * The leaked blocks of one size.
     *
     * @param usableBytes size of each
     * @param blocks how many
     * @param firstHandle the one with the smallest handle
     */
    public record LeakedSize(long usableBytes, long blocks, long firstHandle) {
        /** All bytes of these blocks. */
        public long bytes() {
            return usableBytes * blocks;
        }
    }

    /**
     * A reference that leads to no live block.
     *
     * @param from the block it is stored in, or {@link Handles#NONE} for a root
     * @param to what it says
     */
    public record StrayReference(long from, long to) {}

    /**
     * A report.
     *
     * @param liveBlocks live blocks of the pool
     * @param handles the leaked ones, ascending
     * @param usableBytes size of each leaked one
     * @param strayReferences some references that lead to no live block
     * @param strayReferenceCount how many there are in all
     */
    public AuditReport(
            long liveBlocks,
            long[] handles,
            long[] usableBytes,
            List<StrayReference> strayReferences,
            long strayReferenceCount) {
        this.liveBlocks = liveBlocks;
        this.handles = handles.clone();
        this.usableBytes = usableBytes.clone();
        this.strayReferences = List.copyOf(strayReferences);
        this.strayReferenceCount = strayReferenceCount;
        sizes = bySize();
    }

    private List<LeakedSize> bySize() {
        TreeMap<Long, LeakedSize> bySize = new TreeMap<>();
        for (int i = 0; i < handles.length; i++) {
            bySize.merge(
                    usableBytes[i],
                    new LeakedSize(usableBytes[i], 1, handles[i]),
                    (known, one) -> new LeakedSize(known.usableBytes(), known.blocks() + 1, known.firstHandle()));
        }
        return List.copyOf(bySize.values());
    }

    /** Live blocks of the pool, reachable or not. */
    public long liveBlocks() {
        return liveBlocks;
    }

    /** Live blocks that no root leads to. */
    public long leakedBlocks() {
        return handles.length;
    }

    /** Usable bytes of these. */
    public long leakedBytes() {
        return Arrays.stream(usableBytes).sum();
    }

    /** The leaked blocks grouped by size, smallest first. */
    public List<LeakedSize> sizes() {
        return sizes;
    }

    /** Visits the leaked blocks in the order of their handles. */
    public void forEachLeakedBlock(BlockVisitor visitor) {
        for (int i = 0; i < handles.length; i++) {
            visitor.visit(handles[i], usableBytes[i]);
        }
    }

    /** References found that lead to no live block, at most 1000 of them. */
    public List<StrayReference> strayReferences() {
        return strayReferences;
    }

    /** How many references lead to no live block. */
    public long strayReferenceCount() {
        return strayReferenceCount;
    }

    /** One line for people. */
    @Override
    public String toString() {
        return "live blocks " + liveBlocks + ", leaked blocks " + leakedBlocks() + " (" + leakedBytes()
                + " bytes), references to no block " + strayReferenceCount;
    }
}
