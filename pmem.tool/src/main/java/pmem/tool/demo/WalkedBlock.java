package pmem.tool.demo;

/** A block of the walk, and whether the model has explained it. */
final class WalkedBlock {
    final long handle;
    final long usableBytes;
    boolean explained;

    WalkedBlock(long handle, long usableBytes) {
        this.handle = handle;
        this.usableBytes = usableBytes;
    }
}
