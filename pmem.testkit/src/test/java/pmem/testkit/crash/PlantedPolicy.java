package pmem.testkit.crash;

import java.util.function.Consumer;
import pmem.api.BlockVisitor;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.spi.Policy;
import pmem.spi.PolicySpace;
import pmem.spi.Region;
import pmem.spi.StateField;
import pmem.testkit.crash.PlantedProvider.Bug;

/** Blocks of 64 and of 256 bytes in slabs of 1 KiB; see {@link PlantedProvider}. One lock, an empty slab is dropped at once. */
final class PlantedPolicy extends Policy {
    private static final int SLAB_BYTES = 1024;
    private static final int SMALL_BYTES = 64;
    private static final int LARGE_BYTES = 256;
    private static final int SLABS = PlantedProvider.SLABS;

    private final Region region;
    private final long table;
    private final long slabs;
    private final Bug bug;
    private final int[] blockBytes = new int[SLABS];
    private final long[] claimed = new long[SLABS];
    private long liveBlocks;
    private long liveBytes;

    PlantedPolicy(PolicySpace space, Bug bug) {
        region = space.region();
        table = space.startOffset();
        slabs = table + SLAB_BYTES;
        this.bug = bug;
        for (int slab = 0; slab < SLABS; slab++) {
            if (region.loadPlain(tableWord(slab)) != 0) {
                rebuild(slab);
            }
        }
    }

    private void rebuild(int slab) {
        int bytes = (int) region.loadPlain(header(slab) + Long.BYTES);
        if (bytes != SMALL_BYTES && bytes != LARGE_BYTES) {
            throw new PoolCorruptedException(
                    "slab " + slab + " is in the table and its header names no block size, found=" + bytes);
        }
        blockBytes[slab] = bytes;
        claimed[slab] = region.loadPlain(header(slab));
        count(slab, Long.bitCount(claimed[slab]) * (long) (bug == Bug.DOUBLE_COUNT_ON_REBUILD ? 2 : 1));
        dropIfEmpty(slab);
    }

    private long tableWord(int slab) {
        return table + (long) slab * Long.BYTES;
    }

    private long header(int slab) {
        return table + (long) (slab + 1) * Region.LINE_BYTES;
    }

    private void count(int slab, long blocks) {
        liveBlocks += blocks;
        liveBytes += blocks * blockBytes[slab];
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        int size = Math.max(bytes, alignmentBytes) <= SMALL_BYTES ? SMALL_BYTES : LARGE_BYTES;
        if (Math.max(bytes, alignmentBytes) > LARGE_BYTES) {
            return Handles.NONE;
        }
        if (bug != Bug.CLAIM_NOT_ATOMIC) {
            synchronized (this) {
                return claim(find(size));
            }
        }
        long found = find(size);
        region.step("planted.found");
        return claim(found);
    }

    private synchronized long find(int size) {
        for (int slab = 0; slab < SLABS; slab++) {
            int free = Long.numberOfTrailingZeros(~claimed[slab]);
            if (blockBytes[slab] == size && free < SLAB_BYTES / size) {
                return handle(slab, free);
            }
        }
        for (int slab = 0; slab < SLABS; slab++) {
            if (blockBytes[slab] == 0) {
                create(slab, size);
                return handle(slab, 0);
            }
        }
        return Handles.NONE;
    }

    private void create(int slab, int size) {
        region.storePlain(header(slab), 0);
        region.storePlain(header(slab) + Long.BYTES, size);
        region.writeBack(PlantedProvider.HEADER, header(slab), Region.LINE_BYTES);
        if (bug != Bug.FENCE_FORGOTTEN) {
            region.fence(PlantedProvider.HEADER);
        }
        region.storeRelease(tableWord(slab), 1);
        region.writeBackAndFence(PlantedProvider.CREATED, tableWord(slab));
        blockBytes[slab] = size;
    }

    private synchronized long claim(long handle) {
        if (handle != Handles.NONE) {
            int slab = slabOf(handle);
            claimed[slab] |= 1L << indexOf(slab, handle);
            count(slab, 1);
        }
        return handle;
    }

    @Override
    public synchronized void release(long handle, long allocatedValue) {
        int slab = slabOf(handle);
        claimed[slab] &= ~(1L << indexOf(slab, handle));
        count(slab, -1);
        dropIfEmpty(slab);
    }

    private void dropIfEmpty(int slab) {
        if (claimed[slab] == 0) {
            region.storeRelease(tableWord(slab), 0);
            region.writeBackAndFence(PlantedProvider.DROPPED, tableWord(slab));
            blockBytes[slab] = 0;
        }
    }

    private long handle(int slab, int index) {
        return slabs + (long) slab * SLAB_BYTES + (long) index * blockBytes[slab];
    }

    private int slabOf(long handle) {
        return (int) ((handle - slabs) / SLAB_BYTES);
    }

    private int indexOf(int slab, long handle) {
        return (int) ((handle - slabs) % SLAB_BYTES / blockBytes[slab]);
    }

    @Override
    public synchronized long stateField(long handle) {
        if (handle < slabs || handle >= slabs + (long) SLABS * SLAB_BYTES) {
            return StateField.NONE;
        }
        int slab = slabOf(handle);
        boolean starts = blockBytes[slab] != 0 && (handle - slabs) % blockBytes[slab] == 0;
        return starts ? StateField.of(header(slab), indexOf(slab, handle), 1) : StateField.NONE;
    }

    @Override
    public long allocatedValue(long handle, long bytes, long alignmentBytes) {
        return 1;
    }

    @Override
    public synchronized long usableBytes(long handle, long allocatedValue) {
        return blockBytes[slabOf(handle)];
    }

    @Override
    public synchronized void forEachAllocated(BlockVisitor visitor) {
        for (int slab = 0; slab < SLABS; slab++) {
            long bits = blockBytes[slab] == 0 ? 0 : region.loadAcquire(header(slab));
            for (; bits != 0; bits &= bits - 1) {
                visitor.visit(handle(slab, Long.numberOfTrailingZeros(bits)), blockBytes[slab]);
            }
        }
    }

    @Override
    public synchronized long usedBytes() {
        long used = metadataBytes();
        for (int size : blockBytes) {
            used += size == 0 ? 0 : SLAB_BYTES;
        }
        return used;
    }

    @Override
    public long metadataBytes() {
        return SLAB_BYTES;
    }

    @Override
    public synchronized long liveBlocks() {
        return liveBlocks;
    }

    @Override
    public synchronized long liveBytes() {
        return liveBytes;
    }

    @Override
    public synchronized long largestFreeBytes() {
        long largest = 0;
        for (int slab = 0; slab < SLABS; slab++) {
            int size = blockBytes[slab] == 0 ? LARGE_BYTES : blockBytes[slab];
            boolean room = Long.numberOfTrailingZeros(~claimed[slab]) < SLAB_BYTES / size;
            largest = room ? Math.max(largest, size) : largest;
        }
        return largest;
    }

    // Nothing here notices the planted bugs: that is for the kit to do.
    @Override
    public void verify(Consumer<Finding> findings) {}
}
