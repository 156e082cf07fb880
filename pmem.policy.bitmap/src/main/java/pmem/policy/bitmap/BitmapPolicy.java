package pmem.policy.bitmap;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
 * The {@code bitmap} policy. A block's state is the page bit that its number in the arena selects, counted from the first
 * bit of the arena's first page.
 *
 * <p>The page bits of pages that are in no arena are 0 on media, always: a block is released only after its free is durable,
 * and an arena is dropped only when all its blocks are released. A new arena so needs one durable word, its table word.
 */
final class BitmapPolicy extends ExtentPolicy<Arena> {
    static final PersistPoint ARENA_CREATED = new PersistPoint(
            "bitmap.arena-created",
            "The table word of an arena is on media before one of its blocks is handed out. Recovery finds either no arena, and"
                    + " then no page bit of it is set, or an arena whose set bits are its allocated blocks.");
    static final PersistPoint ARENA_DROPPED = new PersistPoint(
            "bitmap.arena-dropped",
            "The cleared table word of an empty arena is on media before one of its pages is reused. Recovery finds either an"
                    + " empty arena or free pages, never an arena over the extents that came after it.");

    private static final int BLOCKS_MIN = 4;
    /** Below this share of free pages, threads share arenas before they take pages for new ones. */
    private static final double AMPLE_FREE_SHARE = 0.25;

    private final SizeClasses classes;
    private final ArenaClass[] arenaClasses;

    private BitmapPolicy(
            PolicySpace space,
            ExtentTableLayout layout,
            SizeClasses classes,
            SlabPlan plan,
            BitmapParameters parameters) {
        super(space, layout, classes, plan, layout.pageBytes());
        this.classes = classes;
        arenaClasses = new ArenaClass[classes.count()];
        for (int i = 0; i < arenaClasses.length; i++) {
            arenaClasses[i] = new ArenaClass(region(), parameters.threadStripes(), parameters.emptyArenasKept());
        }
    }

    static Policy attach(PolicySpace space, ExtentTableLayout layout, BitmapParameters parameters) {
        SizeClasses classes = parameters.sizeClasses();
        BitmapPolicy policy = new BitmapPolicy(space, layout, classes, plan(layout, parameters), parameters);
        policy.rebuild();
        policy.dropSuperfluous();
        return policy;
    }

    static SlabPlan plan(ExtentTableLayout layout, BitmapParameters parameters) {
        return new SlabPlan(
                parameters.sizeClasses(),
                layout.pageBytes(),
                parameters.arenaBytes(),
                BLOCKS_MIN,
                (arenaBytes, blockBytes) -> (int) Math.min(Integer.MAX_VALUE, arenaBytes / blockBytes));
    }

    /** After a crash there may be many arenas whose blocks had only been reserved. */
    private void dropSuperfluous() {
        drop(ArenaClass::hasTooManyEmpty);
    }

    @Override
    protected long claim(int classIndex) {
        ArenaClass arenaClass = arenaClasses[classIndex];
        long handle = arenaClass.claimFast();
        return handle != Handles.NONE
                ? handle
                : arenaClass.claimSlow(freeShare() < AMPLE_FREE_SHARE, () -> createSlab(ARENA_CREATED, classIndex));
    }

    @Override
    protected long claimExisting(int classIndex) {
        return arenaClasses[classIndex].claimExisting();
    }

    @Override
    protected void unclaim(Arena arena, int index) {
        if (arenaClasses[arena.classIndex()].unclaim(arena, index)) {
            dropSlab(ARENA_DROPPED, arena);
        }
    }

    @Override
    protected boolean dropEmptySlabs() {
        return drop(ArenaClass::hasEmpty);
    }

    private boolean drop(Predicate<ArenaClass> whileTrue) {
        boolean any = false;
        for (ArenaClass arenaClass : arenaClasses) {
            any |= whileTrue.test(arenaClass);
        }
        if (!any) {
            return false;
        }
        List<Arena> closed = new ArrayList<>();
        forEachSlab(arena -> {
            ArenaClass arenaClass = arenaClasses[arena.classIndex()];
            if (arena.claimedCount() == 0 && whileTrue.test(arenaClass) && arenaClass.close(arena)) {
                closed.add(arena);
            }
        });
        dropSlabs(ARENA_DROPPED, closed);
        return !closed.isEmpty();
    }

    @Override
    protected Arena newSlab(SlabExtent.Place place, int blockCount) {
        ExtentTableLayout layout = layout();
        return new Arena(
                place,
                classes.bytes(place.classIndex()),
                blockCount,
                layout.pageOffset(place.firstPage()),
                layout.firstStateBit(place.firstPage()));
    }

    @Override
    protected void prepare(Arena arena) {
        // The bits of free pages are 0 on media. The place is for the creator's own block.
        arena.takePlace(region());
    }

    @Override
    protected void adopt(Arena arena) {
        arenaClasses[arena.classIndex()].adopt(arena);
    }

    // The page bits of all arenas stand together, so one pass over them after all arenas are known costs least.
    @Override
    protected void load(Arena arena, Consumer<Finding> findings) {
        arena.load(region());
    }

    @Override
    protected void readStates(Arena arena, long[] into) {
        arena.read(region(), into);
    }

    @Override
    protected void checkLoaded(Consumer<Finding> findings) {
        checkUnusedStateBits(findings);
    }

    @Override
    protected void checkUnusedStateBits(Consumer<Finding> findings) {
        StrayBits stray = new StrayBits(region(), usedRanges(layout().bitsOffset(), layout().bitsEndOffset()));
        forEachSlab(stray::add);
        stray.check(findings);
    }
}
