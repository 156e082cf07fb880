package pmem.testkit.region;

import java.util.function.IntSupplier;
import pmem.spi.NodeStretches;
import pmem.spi.Region;

/** Another region as if it were divided among NUMA nodes. */
public final class DividedRegion extends ForwardingRegion {
    private final NodeStretches nodes;
    private final IntSupplier nodeOfThread;

    /**
     * Divides a region.
     *
     * @param nodeOfThread says on which node the calling thread is to be
     */
    public DividedRegion(Region region, NodeStretches nodes, IntSupplier nodeOfThread) {
        super(region);
        this.nodes = nodes;
        this.nodeOfThread = nodeOfThread;
    }

    @Override
    public NodeStretches nodes() {
        return nodes;
    }

    @Override
    public int nodeOfThread() {
        return nodeOfThread.getAsInt();
    }
}
