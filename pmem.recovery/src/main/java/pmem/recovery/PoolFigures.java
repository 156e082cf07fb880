package pmem.recovery;

import pmem.api.PoolStats;
import pmem.spi.Policy;
import pmem.spi.Region;

/** Counts of an open pool, put together from its parts; constant time but for the short lists of what is held back. */
final class PoolFigures {
    private final Region region;
    private final PoolGeometry geometry;
    private final PoolCapacity capacity;
    private final Policy policy;
    private final Reservations reservations;
    private final OpenIntents intents;
    private final GroupCommit commit;
    private final OpenScopes scopes;

    PoolFigures(
            Region region,
            PoolGeometry geometry,
            PoolCapacity capacity,
            Policy policy,
            Reservations reservations,
            OpenIntents intents,
            GroupCommit commit,
            OpenScopes scopes) {
        this.region = region;
        this.geometry = geometry;
        this.capacity = capacity;
        this.policy = policy;
        this.reservations = reservations;
        this.intents = intents;
        this.commit = commit;
        this.scopes = scopes;
    }

    PoolStats stats() {
        return new PoolStats(
                capacity.bytes(),
                capacity.fixedBytes() + policy.metadataBytes(),
                usedBytes(),
                policy.liveBlocks() - notLiveBlocks(),
                policy.liveBytes() - notLiveBytes(),
                policy.largestFreeBytes(),
                region.linesWrittenBack(),
                region.fences());
    }

    long usedBytes() {
        return capacity.fixedBytes() + policy.usedBytes();
    }

    /** Of the blocks the policy counts: those only reserved, in a scope or not, and those freed whose space is still held back. */
    long notLiveBlocks() {
        return reservations.count() + scopes.blocks() + intents.heldBlocks() + commit.heldBlocks();
    }

    /** Usable bytes of those blocks. */
    long notLiveBytes() {
        return reservations.usableBytes() + scopes.usableBytes() + intents.heldBytes() + commit.heldBytes();
    }

    /** What a close records. */
    RunState.Figures atClose() {
        return new RunState.Figures(
                policy.liveBlocks() - notLiveBlocks(),
                policy.liveBytes() - notLiveBytes(),
                RootScan.sum(region, geometry));
    }
}
