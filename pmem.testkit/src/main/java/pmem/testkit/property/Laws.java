package pmem.testkit.property;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.testkit.contract.Blocks;
import pmem.testkit.contract.PoolHome;

/** The laws that hold between a pool and its model. */
final class Laws {
    /** One block in so many may be lost or gained between two fills. */
    private static final int SLACK_SHARE = 1000;

    private static final int MOVING_SLACK_SHARE = 100;

    private static final int TIMES_UNTIL_REST = 3;

    private final ModelPool model;
    private final FreshFigures fresh;

    Laws(ModelPool model, FreshFigures fresh) {
        this.model = model;
        this.fresh = fresh;
    }

    /** Walk, statistics and roots are the model's. */
    void checkBetweenSteps(Pool pool) {
        SortedMap<Long, Long> expected = model.walk();
        assertThat(Blocks.walk(pool)).as("live blocks and their usable bytes").isEqualTo(expected);
        Blocks.assertStatistics(pool, expected.size(), model.liveBytes());
        assertThat(pool.roots()).as("roots").isEqualTo(model.roots());
    }

    /** Contents are what was written, and questions about single blocks agree with the walk. */
    void checkContents(Pool pool) {
        for (ModelBlock block : model.live()) {
            assertThat(pool.isLive(block.handle())).as("%s is live", block).isTrue();
            block.check(pool.segment(block.handle()), block.askedBytes());
        }
        for (ModelBlock block : model.reserved()) {
            assertThat(pool.isLive(block.handle()))
                    .as("reserved %s is live", block)
                    .isFalse();
            block.check(pool.segment(block.handle()), block.askedBytes());
        }
    }

    /** The pool is whole, and once all is freed holds what a fresh one does. */
    void checkAtTheEnd(Pool pool) {
        Blocks.assertWhole(pool);
        checkContents(pool);
        model.reserved().forEach(block -> pool.cancel(block.handle()));
        model.reserved().forEach(model::cancel);
        pool.freeAll(model.live().stream().mapToLong(ModelBlock::handle).toArray());
        model.live().forEach(model::free);
        checkBetweenSteps(pool);
        long largest = pool.allocate(fresh.largestBytes());
        pool.free(largest);
        // What a NUMA node keeps empty gives way when all nodes are short of room, and not before.
        assertThatThrownBy(() -> pool.allocate(fresh.largestBytes() + 1)).isInstanceOf(OutOfSpaceException.class);
        List<Long> filled = Blocks.fill(pool, FreshFigures.FILL_BYTES);
        assertThat(filled.size())
                .as("blocks of %d bytes in a pool from which all was freed", FreshFigures.FILL_BYTES)
                .isEqualTo(fresh.fillCount());
        Blocks.freeAll(pool, filled);
        assertThat(Blocks.withoutDanglingRoots(pool.verify()))
                .as("findings of the verifier")
                .isEmpty();
    }

    /** A size is refused only if the largest free block is smaller; for alignments nothing is known. */
    void checkRefusal(long bytes, long alignmentBytes, long largestBytes) {
        if (alignmentBytes == 1) {
            assertThat(bytes)
                    .as("refused size, largest free block being %d", largestBytes)
                    .isGreaterThan(largestBytes);
        }
    }

    /** A size is granted only if the largest free block is not smaller. */
    void checkGrant(long bytes, long largestBytes) {
        assertThat(bytes)
                .as("granted size, largest free block being %d", largestBytes)
                .isLessThanOrEqualTo(largestBytes);
    }

    /** A resized block holds the new size; one that was not is as before, and only because it was too small. */
    void checkResize(ModelBlock block, boolean fits, long bytes, long usableBytes) {
        if (fits) {
            assertThat(usableBytes).as("usable bytes of resized %s", block).isGreaterThanOrEqualTo(bytes);
        } else {
            assertThat(usableBytes).as("usable bytes of %s, not resized", block).isEqualTo(block.usableBytes());
            assertThat(bytes).as("size refused to %s", block).isGreaterThan(usableBytes);
        }
    }

    private static int nodes(Pool pool) {
        return Math.max(1, pool.numaNodes().size());
    }

    /**
     * Filling what is left, draining and filling again reaches the same number of blocks, none over another. The first fill may
     * meet empty slabs of other sizes that are in its way and be a little lower; it has removed them for the next ones. Where
     * empty slabs lie that a policy keeps may make a difference of one block in a thousand; or of one in a hundred if the thread moves from one NUMA node to another, so
     * that each fill has another share of each node.
     */
    String checkFillDrainFill(Pool pool, long bytes) {
        int first = fillAndDrain(pool, bytes);
        int second = fillAndDrain(pool, bytes);
        int third = fillAndDrain(pool, bytes);
        int slack = Math.ceilDiv(first, nodes(pool) == 1 ? SLACK_SHARE : MOVING_SLACK_SHARE);
        assertThat(second).as("blocks of the second fill").isGreaterThanOrEqualTo(first - slack);
        assertThat(third).as("blocks of the third fill").isBetween(second - slack, second + slack);
        return first + ", " + second + " and " + third + " blocks";
    }

    /**
     * Blocks that were allocated and freed leave no trace on media: not one byte of the file differs. The first times may: a
     * slab is made for them that stays, and one that was empty for longer is dropped for it, which may be that of the next
     * block; in a pool that is divided among NUMA nodes each of them comes to rest for itself, while the thread moves from one to
     * the next. What leaks never comes to rest.
     */
    String checkMediaAfterFree(PoolHome home, Pool pool, List<Long> sizes) {
        if (!allocateAndFree(pool, sizes)) {
            return "no room";
        }
        byte[] before = home.media(pool);
        int changed = 0;
        int most = TIMES_UNTIL_REST * nodes(pool) * nodes(pool);
        for (int times = 0; times < most && changed >= 0; times++) {
            assertThat(allocateAndFree(pool, sizes))
                    .as("room for the same again")
                    .isTrue();
            byte[] after = home.media(pool);
            changed = Arrays.mismatch(before, after);
            before = after;
        }
        assertThat(changed)
                .as("offset of the first byte of media that blocks allocated and freed have changed, -1 for none")
                .isEqualTo(-1);
        return "media as before";
    }

    private boolean allocateAndFree(Pool pool, List<Long> sizes) {
        List<Long> handles = new ArrayList<>();
        try {
            for (long bytes : sizes) {
                long handle = pool.allocate(bytes);
                handles.add(handle);
                model.requireNoOverlap(new ModelBlock("passing", handle, bytes, pool.usableBytes(handle), 0));
            }
            return true;
        } catch (OutOfSpaceException full) {
            return false;
        } finally {
            handles.forEach(pool::free);
        }
    }

    private int fillAndDrain(Pool pool, long bytes) {
        List<Long> filled = Blocks.fill(pool, bytes);
        assertThat(new HashSet<>(filled).size())
                .as("different blocks of one fill")
                .isEqualTo(filled.size());
        for (long handle : filled) {
            model.requireNoOverlap(new ModelBlock("filler", handle, bytes, pool.usableBytes(handle), 0));
        }
        Blocks.freeAll(pool, filled);
        return filled.size();
    }
}
