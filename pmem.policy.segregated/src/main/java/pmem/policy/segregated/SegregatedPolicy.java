package pmem.policy.segregated;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicySpace;
import pmem.spi.extent.ExtentPolicy;
import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.SizeClasses;
import pmem.spi.extent.SlabExtent;
import pmem.spi.extent.SlabPlan;

/**
 * The {@code segregated} policy. A block's state is a bit in the header of its slab.
 *
 * <p>Threads are divided among the arenas in the order of their ids, which count up: that gives arenas to threads in turn
 * without keeping anything for a thread. A thread whose arena has no room, and for which no slab can be made, claims from the
 * slabs of the other arenas.
 */
final class SegregatedPolicy extends ExtentPolicy<Slab> {
    static final PersistPoint SLAB_HEADER_CLEARED = new PersistPoint(
            "segregated.slab-header-cleared",
            "The all-zero header of a new slab is on media before its table word. Recovery finds either no slab, and then"
                    + " whatever the lines hold does not matter, or a slab without allocated blocks.");
    static final PersistPoint SLAB_CREATED = new PersistPoint(
            "segregated.slab-created",
            "The table word of a slab is on media before one of its blocks is handed out. Recovery so never meets an allocated"
                    + " block outside a slab.");
    static final PersistPoint SLAB_DROPPED = new PersistPoint(
            "segregated.slab-dropped",
            "The cleared table word of an empty slab is on media before one of its pages is reused. Recovery finds either an"
                    + " empty slab or free pages, and never takes the content of other blocks for a header.");

    private static final int BLOCKS_MIN = 4;

    private final SizeClasses classes;
    private final SlabHeaderLayout headers;
    private final ThreadArena[] arenas;
    private final int emptyKept;
    private int adopted;

    private SegregatedPolicy(
            PolicySpace space,
            ExtentTableLayout layout,
            SegregatedParameters parameters,
            SizeClasses classes,
            SlabHeaderLayout headers) {
        super(space, layout, classes, plan(layout, parameters, classes, headers), headers.alignmentMax());
        this.classes = classes;
        this.headers = headers;
        emptyKept = parameters.emptySlabsKept();
        arenas = new ThreadArena[parameters.arenas()];
        for (int i = 0; i < arenas.length; i++) {
            arenas[i] = new ThreadArena(region(), i, classes.count(), emptyKept);
        }
    }

    static SlabPlan plan(
            ExtentTableLayout layout, SegregatedParameters parameters, SizeClasses classes, SlabHeaderLayout headers) {
        return new SlabPlan(classes, layout.pageBytes(), parameters.slabBytes(), BLOCKS_MIN, headers::blockCount);
    }

    static Policy attach(PolicySpace space, ExtentTableLayout layout, SegregatedParameters parameters) {
        SlabHeaderLayout headers = new SlabHeaderLayout(layout.pageBytes(), parameters.headerColours());
        SegregatedPolicy policy = new SegregatedPolicy(space, layout, parameters, parameters.sizeClasses(), headers);
        policy.rebuild();
        // After a crash there may be many slabs whose blocks had only been reserved.
        policy.dropEmpty(policy.emptyKept);
        return policy;
    }

    @Override
    protected long claim(int classIndex) {
        int own = (int) Thread.currentThread().threadId() & (arenas.length - 1);
        long handle = arenas[own].claim(classIndex, () -> createSlab(SLAB_CREATED, classIndex));
        return handle != Handles.NONE ? handle : claimExisting(classIndex);
    }

    @Override
    protected long claimExisting(int classIndex) {
        int own = (int) Thread.currentThread().threadId();
        long handle = Handles.NONE;
        for (int i = 0; i < arenas.length && handle == Handles.NONE; i++) {
            handle = arenas[(own + i) & (arenas.length - 1)].claimExisting(classIndex);
        }
        return handle;
    }

    @Override
    protected void unclaim(Slab slab, int index) {
        if (arenas[slab.arenaIndex()].unclaim(slab, index)) {
            region().step("segregated.slab-taken-out");
            dropSlab(SLAB_DROPPED, slab);
        }
    }

    @Override
    protected boolean dropEmptySlabs() {
        return dropEmpty(0);
    }

    private boolean dropEmpty(int keep) {
        List<Slab> taken = new ArrayList<>();
        for (ThreadArena arena : arenas) {
            arena.takeEmpty(keep, taken);
        }
        if (!taken.isEmpty()) {
            region().step("segregated.slabs-taken-out");
            dropSlabs(SLAB_DROPPED, taken);
        }
        return !taken.isEmpty();
    }

    @Override
    protected Slab newSlab(SlabExtent.Place place, int blockCount) {
        return slab(place, blockCount, layout(), classes, headers);
    }

    static Slab slab(
            SlabExtent.Place place,
            int blockCount,
            ExtentTableLayout layout,
            SizeClasses classes,
            SlabHeaderLayout headers) {
        int blockBytes = classes.bytes(place.classIndex());
        long slabBytes = place.pageCount() * layout.pageBytes();
        long slabOffset = layout.pageOffset(place.firstPage());
        return new Slab(
                place,
                blockBytes,
                blockCount,
                slabOffset + headers.firstBlockOffset(slabBytes, blockBytes),
                slabOffset + headers.headerOffset(place.firstPage(), slabBytes));
    }

    @Override
    protected void prepare(Slab slab) {
        long bytes = SlabHeaderLayout.headerBytes(slab.blockCount());
        for (long at = 0; at < bytes; at += Long.BYTES) {
            region().storePlain(slab.headerOffset() + at, 0);
        }
        region().writeBack(SLAB_HEADER_CLEARED, slab.headerOffset(), bytes);
        region().fence(SLAB_HEADER_CLEARED);
    }

    @Override
    protected void adopt(Slab slab) {
        arenas[adopted++ & (arenas.length - 1)].adopt(slab);
    }

    // Headers are apart from each other, and for each of them the system would map a page and its neighbours.
    @Override
    protected void load(Slab slab, Consumer<Finding> findings) {
        long[] words = readHeader(slab);
        slab.load(words);
        checkHeader(slab, words, findings);
    }

    // A copy may tear a word, but no byte: each bit is as it was before or after a change.
    @Override
    protected void readStates(Slab slab, long[] into) {
        region().loadOnce(slab.headerOffset(), into);
    }

    @Override
    protected void checkLoaded(Consumer<Finding> findings) {
        // Done with each header.
    }

    @Override
    protected void checkUnusedStateBits(Consumer<Finding> findings) {
        forEachSlab(slab -> checkHeader(slab, readHeader(slab), findings));
    }

    private long[] readHeader(Slab slab) {
        long[] words = new long[(int) (SlabHeaderLayout.headerBytes(slab.blockCount()) / Long.BYTES)];
        region().loadOnce(slab.headerOffset(), words);
        return words;
    }

    private void checkHeader(Slab slab, long[] words, Consumer<Finding> findings) {
        slab.forEachStrayWord(words, (offset, stray) -> findings.accept(strayFinding(layout(), slab, offset, stray)));
    }

    static Finding strayFinding(ExtentTableLayout layout, Slab slab, long offset, long stray) {
        return new Finding(
                Finding.Severity.ERROR,
                "segregated.stray-bits",
                "slab header " + layout.describe(slab.firstPage()),
                offset,
                "0 in the bits after block " + (slab.blockCount() - 1),
                "0x" + Long.toHexString(stray));
    }
}
