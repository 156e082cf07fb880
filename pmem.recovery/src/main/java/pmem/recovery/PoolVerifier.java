package pmem.recovery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.spi.Policy;
import pmem.spi.Region;
import pmem.spi.StateField;

/** Checks all structures of an open pool against each other, reading only. */
final class PoolVerifier {
    private static final int FIRST_ROOM = 1024;

    private final Region region;
    private final Superblock superblock;
    private final long policyEndOffset;
    private final Policy policy;
    // Blocks the policy counts that are not allocated, and their usable bytes.
    private final long notLiveBlocks;
    private final long notLiveBytes;
    private final List<Finding> findings = new ArrayList<>();

    private long[] handles = new long[FIRST_ROOM];
    private long[] ends = new long[FIRST_ROOM];
    private int blocks;
    private long usableSum;

    PoolVerifier(
            Region region,
            Superblock superblock,
            long policyEndOffset,
            Policy policy,
            long notLiveBlocks,
            long notLiveBytes) {
        this.region = region;
        this.policyEndOffset = policyEndOffset;
        this.superblock = superblock;
        this.policy = policy;
        this.notLiveBlocks = notLiveBlocks;
        this.notLiveBytes = notLiveBytes;
    }

    List<Finding> run() {
        findings.addAll(OpenDecision.of(region).findings());
        checkLog();
        checkRoots();
        policy.verify(findings::add);
        checkBlocks();
        return List.copyOf(findings);
    }

    private void checkLog() {
        PoolGeometry geometry = superblock.geometry();
        for (int lane = 0; lane < geometry.lanes(); lane++) {
            long offset = geometry.laneOffset(lane) + UndoLogLayout.SEQUENCE_OFFSET;
            long header = region.loadAcquire(offset);
            if (!UndoLogLayout.isHeader(header, lane)) {
                findings.add(LogRepair.headerFinding(geometry, lane, header));
            }
        }
    }

    private void checkRoots() {
        new RootScan(region, superblock.geometry(), handle -> isLive(region, policy, handle))
                .run((slot, handle, finding) -> findings.add(finding));
    }

    /** Whether a handle names a block that is allocated on media. */
    static boolean isLive(Region region, Policy policy, long handle) {
        long field = policy.stateField(handle);
        return field != StateField.NONE && StateWords.load(region, field) != 0;
    }

    private void checkBlocks() {
        policy.forEachAllocated(this::collect);
        long[] sortedHandles = Arrays.copyOf(handles, blocks);
        long[] sortedEnds = Arrays.copyOf(ends, blocks);
        Arrays.sort(sortedHandles);
        Arrays.sort(sortedEnds);
        // Sorted apart, neighbours fit together exactly if no two blocks overlap.
        for (int i = 1; i < blocks; i++) {
            if (sortedEnds[i - 1] > sortedHandles[i]) {
                findings.add(new Finding(
                        Finding.Severity.ERROR,
                        "blocks.overlap",
                        "block " + Handles.format(sortedHandles[i]),
                        sortedHandles[i],
                        "a block of its own",
                        "an overlap with the block before"));
            }
        }
        if (blocks > 0
                && (sortedHandles[0] < superblock.geometry().policyStartOffset()
                        || sortedEnds[blocks - 1] > policyEndOffset)) {
            add(Finding.Severity.ERROR, "blocks.outside", "blocks", "all inside the policy space", "one outside");
        }
        checkCount("live blocks", blocks, policy.liveBlocks() - notLiveBlocks);
        checkCount("live bytes", usableSum, policy.liveBytes() - notLiveBytes);
    }

    private void collect(long handle, long usableBytes) {
        if (blocks == handles.length) {
            handles = Arrays.copyOf(handles, 2 * blocks);
            ends = Arrays.copyOf(ends, 2 * blocks);
        }
        handles[blocks] = handle;
        ends[blocks] = handle + usableBytes;
        blocks++;
        usableSum += usableBytes;
    }

    private void checkCount(String what, long walked, long counted) {
        if (walked != counted) {
            add(Finding.Severity.WARNING, "blocks.count", what, walked + " by the walk", counted + " by the counters");
        }
    }

    private void add(Finding.Severity severity, String code, String place, String expected, String found) {
        findings.add(new Finding(severity, code, place, Finding.NO_OFFSET, expected, found));
    }
}
