package pmem.policy.bitmap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.BlockGroup;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.PolicySpace;
import pmem.spi.Region;
import pmem.spi.extent.ExtentPolicy;
import pmem.spi.extent.ExtentTableLayout;
import pmem.spi.extent.FreeExtents;
import pmem.spi.extent.KeptPlan;
import pmem.spi.extent.SizeClasses;
import pmem.spi.extent.SlabExtent;
import pmem.spi.extent.SlabPlan;

/**
 * The {@code bitmap} policy. A block's state is one bit, where {@link ArenaLayout} says.
 *
 * <p>The page bits of pages that are in no arena are 0 on media, always: a block is released only after its free is durable,
 * and an arena is dropped only when all its blocks are released. A new arena whose state is there so needs one durable word, its
 * table word; one with a header needs that cleared before.
 */
final class BitmapPolicy extends ExtentPolicy<Arena> {
    static final PersistPoint ARENA_HEADER_CLEARED = new PersistPoint(
            "bitmap.arena-header-cleared",
            "The all-zero header of a new arena of small blocks is on media before its table word. Recovery finds either no"
                    + " arena, and then whatever the lines hold does not matter, or an arena without allocated blocks.");
    static final PersistPoint ARENA_CREATED = new PersistPoint(
            "bitmap.arena-created",
            "The table word of an arena is on media before one of its blocks is published. Recovery finds either no arena, and"
                    + " then no page bit of it is set, or an arena whose set bits are its allocated blocks.");
    static final PersistPoint ARENA_DROPPED = new PersistPoint(
            "bitmap.arena-dropped",
            "The cleared table word of an empty arena is on media before one of its pages is reused. Recovery finds either an"
                    + " empty arena or free pages, never an arena over the extents that came after it.");

    /** Most blocks of an arena: 256 words of claimed bits, so that looking at all of them takes no longer than a fence. */
    private static final int BLOCKS_MAX = 16_384;

    private static final int BLOCKS_MIN = 4;
    /** Below this share of free pages, threads share arenas before they take pages for new ones. */
    private static final double AMPLE_FREE_SHARE = 0.25;

    private final ArenaLayout arenaLayout;
    private final BitmapParameters parameters;
    private final SizeClasses classes;
    private final AtomicReferenceArray<@Nullable ArenaClass> arenaClasses;
    private final EmptyArenas emptyArenas;
    private final AtomicReferenceArray<@Nullable Stripe> stripes;
    private final LineGroups lineGroups;
    private final LinesInUse linesInUse = new LinesInUse();
    /** Bytes that blocks of the next larger size have wasted for each class since its last arena was made. */
    private final AtomicLongArray lentBytes;

    private final long lentBytesMax;

    private BitmapPolicy(PolicySpace space, ArenaLayout layout, SizeClasses classes, BitmapParameters parameters) {
        super(
                space,
                layout.extents(),
                classes,
                plan(layout, parameters),
                layout.extents().pageBytes(),
                Optional.empty(),
                KeptPlan.NONE);
        arenaLayout = layout;
        this.parameters = parameters;
        this.classes = classes;
        arenaClasses = new AtomicReferenceArray<>(classes.count());
        emptyArenas = new EmptyArenas(parameters.emptyArenasKept());
        stripes = new AtomicReferenceArray<>(parameters.threadStripes());
        lineGroups = new LineGroups(layout.extents(), linesInUse);
        lentBytes = new AtomicLongArray(classes.count());
        lentBytesMax = parameters.lentBytesMax();
    }

    static Policy attach(PolicySpace space, ExtentTableLayout extents, BitmapParameters parameters) {
        ArenaLayout layout = parameters.arenaLayout(extents);
        BitmapPolicy policy = new BitmapPolicy(space, layout, parameters.sizeClasses(), parameters);
        policy.rebuild();
        policy.noteEmptyOnes();
        return policy;
    }

    static SlabPlan plan(ArenaLayout layout, BitmapParameters parameters) {
        return new SlabPlan(
                parameters.sizeClasses(),
                layout.extents().pageBytes(),
                new SlabPlan.Lengths(parameters.arenaBytes(), BLOCKS_MIN, BLOCKS_MAX, parameters.growth()),
                layout::blockCount);
    }

    static Arena arena(Region region, ArenaLayout layout, SizeClasses classes, SlabExtent.Place place, int blockCount) {
        return new Arena(region, place, layout, classes.bytes(place.classIndex()), blockCount);
    }

    private ArenaClass arenaClass(int classIndex) {
        // Most pools use few sizes, so a class costs nothing before its first arena.
        ArenaClass there = arenaClasses.getAcquire(classIndex);
        if (there == null) {
            ArenaClass made = new ArenaClass(region(), classIndex, linesInUse);
            ArenaClass other = arenaClasses.compareAndExchange(classIndex, null, made);
            there = other == null ? made : other;
        }
        return there;
    }

    /** The stripe of the calling thread. Thread ids count up from 1, so neighbours get stripes of their own. */
    Stripe stripe() {
        int index = (int) Thread.currentThread().threadId() & (parameters.threadStripes() - 1);
        Stripe there = stripes.getAcquire(index);
        return there == null ? newStripe(index) : there;
    }

    private Stripe newStripe(int index) {
        Stripe made = new Stripe(classes.count(), parameters.rotating());
        Stripe other = stripes.compareAndExchange(index, null, made);
        return other == null ? made : other;
    }

    @Override
    protected long claim(int classIndex) {
        return claim(stripe(), classIndex, 1);
    }

    @Override
    protected long claim(int classIndex, long alignmentBytes) {
        return claim(stripe(), classIndex, alignmentBytes);
    }

    /** Claims a block of a class for a stripe, {@link Handles#NONE} if there is no room for it. */
    long claim(Stripe stripe, int classIndex, long alignmentBytes) {
        Arena arena = stripe.arena(classIndex);
        int index = arena == null ? Arena.NO_BLOCK : stripe.claim(arena, classIndex);
        if (arena == null || index < 0) {
            return claimSlow(stripe, classIndex, alignmentBytes);
        }
        endTurn(stripe, arena);
        return arena.handleOf(index);
    }

    /** Lets another arena have its turn after a claim from this one, if it is due. */
    void endTurn(Stripe stripe, Arena arena) {
        if (stripe.isTurnOver(arena, arena.classIndex())) {
            arenaClass(arena.classIndex()).passTurn(stripe, arena);
        }
    }

    private long claimSlow(Stripe stripe, int classIndex, long alignmentBytes) {
        boolean sharing = freeShare() < AMPLE_FREE_SHARE;
        return arenaClass(classIndex).claim(stripe, sharing, new ArenaClass.Extents() {
            @Override
            public Optional<Arena> create() {
                lentBytes.set(classIndex, 0);
                return createSlab(ARENA_CREATED, classIndex, (pages, count, node) -> takePages(pages, stripe, count));
            }

            @Override
            public long lend() {
                return alignmentBytes <= SizeClasses.GRANULE_BYTES ? lendTo(stripe, classIndex, sharing) : Handles.NONE;
            }
        });
    }

    /**
     * A block of the next larger class, as long as such blocks have wasted no more than the {@code lendPercent} allows since
     * the class got its last arena: what is free there anyway is used before pages are taken.
     */
    private long lendTo(Stripe stripe, int classIndex, boolean sharing) {
        int larger = classIndex + 1;
        if (larger == classes.count() || blocksOfClass(larger) == 0) {
            return Handles.NONE;
        }
        int wasted = classes.bytes(larger) - classes.bytes(classIndex);
        // Counted before, so that threads together stay below the bound.
        boolean allowed = lentBytes.addAndGet(classIndex, wasted) <= lentBytesMax;
        long handle = allowed ? arenaClass(larger).claimExisting(stripe, sharing) : Handles.NONE;
        if (handle == Handles.NONE) {
            lentBytes.addAndGet(classIndex, -wasted);
        }
        return handle;
    }

    @Override
    protected long claimExisting(int classIndex) {
        return blocksOfClass(classIndex) == 0
                ? Handles.NONE
                : arenaClass(classIndex).claimExisting(stripe(), true);
    }

    @Override
    protected void unclaim(Arena arena, int index) {
        boolean wordIsEmpty = arena.unclaim(index);
        region().step("bitmap.given-back");
        if (!arena.isListed() && !arena.isGrouped()) {
            arenaClass(arena.classIndex()).list(arena);
        }
        if (wordIsEmpty && !arena.isNoted() && !arena.isGrouped() && arena.isEmpty()) {
            drop(note(arena));
        }
    }

    /** After a crash there may be many arenas whose blocks had only been reserved; one fence drops them all. */
    private void noteEmptyOnes() {
        List<Arena> superfluous = new ArrayList<>();
        forEachSlab(arena -> {
            if (arena.isEmpty()) {
                superfluous.addAll(note(arena));
            }
        });
        drop(superfluous);
    }

    private List<Arena> note(Arena arena) {
        return emptyArenas.note(arena, usedPages(), this::isUsedByOthers);
    }

    /** Whether other stripes than the calling thread's claim from an arena; a hint while they may begin or stop to. */
    private boolean isUsedByOthers(Arena arena) {
        return arena.users() > (arena.equals(stripe().arena(arena.classIndex())) ? 1 : 0);
    }

    @Override
    protected boolean dropEmptySlabs() {
        return drop(emptyArenas.takeAll());
    }

    private boolean drop(List<Arena> noted) {
        if (noted.isEmpty()) {
            return false;
        }
        List<Arena> closed = new ArrayList<>();
        for (Arena arena : noted) {
            if (arena.isEmpty() && arenaClass(arena.classIndex()).close(arena)) {
                closed.add(arena);
            }
        }
        if (!closed.isEmpty()) {
            dropSlabs(ARENA_DROPPED, closed);
        }
        return !closed.isEmpty();
    }

    @Override
    protected int takePages(FreeExtents pages, int count, int node) {
        return takePages(pages, stripe(), count);
    }

    private int takePages(FreeExtents pages, Stripe stripe, int count) {
        return lineGroups.take(pages, stripe, count, freeShare() >= AMPLE_FREE_SHARE);
    }

    @Override
    public PolicyAccess openAccess(boolean exclusive) {
        return new BitmapAccess(this, new Stripe(classes.count(), parameters.rotating()), region());
    }

    @Override
    public PolicyAccess sharedAccess() {
        return new SharedAccess(this);
    }

    /** Ends the use of an access's arenas. */
    void forget(Stripe stripe) {
        for (int classIndex = 0; classIndex < classes.count(); classIndex++) {
            if (stripe.arena(classIndex) != null) {
                arenaClass(classIndex).forget(stripe);
            }
        }
    }

    @Override
    public BlockGroup newGroup() {
        return new ArenaGroup(this, classes.count());
    }

    /** The class that serves a request, or -1 if whole pages do. */
    int classOf(long bytes, long alignmentBytes) {
        return classFor(bytes, alignmentBytes);
    }

    /** The arena that a handle may be of. */
    Optional<Arena> arenaOf(long handle) {
        return slabOf(handle);
    }

    /** The arena that a handle may be of, unless it belongs to a group. */
    @Nullable
    Arena sharedArenaOf(long handle) {
        Arena arena = slabOf(handle).orElse(null);
        return arena == null || arena.isGrouped() ? null : arena;
    }

    /** An arena for a group, in DRAM only; twice as many blocks each time. */
    Optional<Arena> borrow(int classIndex, long blocksBefore) {
        Optional<Arena> borrowed = borrowSlab(classIndex, blocksBefore * Math.max(1, parameters.growth()));
        borrowed.ifPresent(arena -> {
            arena.setGrouped(true);
            arena.startEmpty();
        });
        return borrowed;
    }

    /** Writes an arena of a group to media, since one of its blocks is to be published. */
    void keep(Arena arena) {
        keepSlab(ARENA_CREATED, arena);
    }

    /** Gives the pages of a group's arena back that is not on media. */
    void giveBack(Arena arena) {
        returnSlab(arena);
    }

    /** Makes an arena of a group, only whose published blocks are claimed, one of all. */
    void join(Arena arena) {
        arena.setGrouped(false);
        arenaClass(arena.classIndex()).list(arena);
        if (arena.isEmpty()) {
            drop(note(arena));
        }
    }

    @Override
    protected Arena newSlab(SlabExtent.Place place, int blockCount) {
        return arena(region(), arenaLayout, classes, place, blockCount);
    }

    @Override
    protected void prepare(Arena arena) {
        // The bits of free pages are 0 on media already.
        if (arenaLayout.hasHeader(arena.blockBytes())) {
            long headerOffset = arena.firstStateBit() / Byte.SIZE;
            long bytes = arenaLayout.headerBytes(arena.blockCount());
            for (long at = 0; at < bytes; at += Long.BYTES) {
                region().storePlain(headerOffset + at, 0);
            }
            region().writeBack(ARENA_HEADER_CLEARED, headerOffset, bytes);
            region().fence(ARENA_HEADER_CLEARED);
        }
        if (!arena.isGrouped()) {
            arena.startEmpty();
        }
    }

    @Override
    protected void adopt(Arena arena) {
        arenaClass(arena.classIndex()).list(arena);
    }

    @Override
    protected void load(Arena arena, Consumer<Finding> findings) {
        // Read when a block of it is first asked for.
        if (arenaLayout.hasHeader(arena.blockBytes())) {
            StrayBits.checkHeader(region(), arenaLayout, arena, findings);
        }
    }

    @Override
    protected void readStates(Arena arena, long[] into) {
        arena.read(into);
    }

    @Override
    protected void checkLoaded(Consumer<Finding> findings) {
        checkPageBits(findings);
    }

    @Override
    protected void checkUnusedStateBits(Consumer<Finding> findings) {
        checkPageBits(findings);
        forEachSlab(arena -> {
            if (arenaLayout.hasHeader(arena.blockBytes()) && !arena.isGrouped()) {
                StrayBits.checkHeader(region(), arenaLayout, arena, findings);
            }
        });
    }

    // The page bits of all arenas stand together, so one pass over them after all arenas are known costs least.
    private void checkPageBits(Consumer<Finding> findings) {
        StrayBits stray = new StrayBits(
                region(),
                arenaLayout,
                usedRanges(usableLayout().bitsOffset(), usableLayout().bitsEndOffset()));
        forEachSlab(arena -> {
            if (!arenaLayout.hasHeader(arena.blockBytes())) {
                stray.add(arena);
            }
        });
        stray.check(findings);
    }
}
