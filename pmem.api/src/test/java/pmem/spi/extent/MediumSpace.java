package pmem.spi.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.HeapRegion;
import pmem.spi.NodeStretches;
import pmem.spi.PersistPoint;
import pmem.spi.PolicySpace;
import pmem.spi.TagFloat;

/** Medium blocks in a region of memory, for tests of what stands around them. */
abstract class MediumSpace {
    static final int REGION_BYTES = 1 << 20;
    static final int MOST_BYTES = 16_384;
    private static final int START_OFFSET = 4096;
    static final int PAGE_BYTES = 4096;
    static final int UNIT_BYTES = 256;
    private static final PersistPoint ANY = new PersistPoint("test.medium", "A point of a test.");

    final HeapRegion region = new HeapRegion(REGION_BYTES);
    final ExtentTableLayout layout =
            ExtentTableLayout.of(new PolicySpace(region, START_OFFSET, REGION_BYTES, true), PAGE_BYTES, 0);
    final FreeExtents free = freeExtents(NodeStretches.NONE);
    final MediumBlocks blocks;
    private final int leastBytes;

    MediumSpace(int leastBytes) {
        this.leastBytes = leastBytes;
        blocks = blocks(free);
    }

    final FreeExtents freeExtents(NodeStretches nodes) {
        return FreeExtents.of(layout, layout, PageParts.of(nodes, layout), true, KeptPlan.NONE);
    }

    final MediumBlocks blocks(FreeExtents pages) {
        MediumPlan plan = new MediumPlan(UNIT_BYTES, leastBytes, MOST_BYTES, 32_768, 0, 1, 1, 1, ANY, ANY, ANY);
        return new MediumBlocks(region, layout, pages, plan);
    }

    long claim(long bytes) {
        return blocks.reserve(bytes, 1, 0);
    }

    final long[] claim(int count, long bytes) {
        long[] handles = new long[count];
        for (int i = 0; i < count; i++) {
            handles[i] = claim(bytes);
            assertThat(handles[i]).isNotEqualTo(Handles.NONE);
        }
        return handles;
    }

    final void release(long handle, long bytes) {
        blocks.release(segmentOf(handle).firstPage(), handle, tag(bytes));
    }

    final MediumSegment segmentOf(long handle) {
        return Objects.requireNonNull(blocks.segmentOf(handle));
    }

    static long tag(long bytes) {
        return TagFloat.tagFor((bytes - 1) / UNIT_BYTES + 1);
    }

    final void requireSound() {
        List<Finding> findings = new ArrayList<>();
        blocks.verifier(findings::add).verifyCounters();
        assertThat(findings).isEmpty();
    }
}
