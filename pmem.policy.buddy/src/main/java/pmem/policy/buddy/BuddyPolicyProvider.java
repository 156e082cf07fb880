package pmem.policy.buddy;

import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import pmem.api.PoolCorruptedException;
import pmem.api.RepairItem;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.Region;

/** Provides the policy {@code buddy}. */
public final class BuddyPolicyProvider implements PolicyProvider {
    static final String ID = "buddy";

    private static final int FORMAT_VERSION = 1;

    private static final PersistPoint TAGS_FORMATTED = new PersistPoint(
            "buddy.tags-formatted",
            "A pool becomes visible only after every tag of its map reads 0; recovery takes any other tag for a"
                    + " block.");

    /** For {@link java.util.ServiceLoader}. */
    public BuddyPolicyProvider() {}

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String summary() {
        return "Blocks of any length and alignment from one heap that joins again whatever is freed; a byte per"
                + " smallest unit.";
    }

    @Override
    public int formatVersion() {
        return FORMAT_VERSION;
    }

    @Override
    public List<PolicyParameter> parameters() {
        return BuddyParameters.DECLARED;
    }

    @Override
    public long minimumBytes(PolicyParameters parameters) {
        return HeadTagLayout.minimumBytes(BuddyParameters.from(parameters));
    }

    @Override
    public OptionalLong leastUsableEnd(long startOffset, long endOffset, PolicyParameters parameters) {
        return OptionalLong.of(HeadTagLayout.leastUsableEnd(startOffset, endOffset, BuddyParameters.from(parameters)));
    }

    @Override
    public void format(PolicySpace space, PolicyParameters parameters, boolean zeroed) {
        HeadTagLayout layout = new HeadTagLayout(space, BuddyParameters.from(parameters));
        if (zeroed) {
            return;
        }
        Region region = space.region();
        long endOffset = layout.mapOffset() + layout.mapBytes();
        for (long offset = layout.mapOffset(); offset < endOffset; offset += Long.BYTES) {
            region.storePlain(offset, 0);
        }
        region.writeBack(TAGS_FORMATTED, layout.mapOffset(), layout.mapBytes());
    }

    @Override
    public Policy attach(PolicySpace space, PolicyParameters parameters) {
        BuddyParameters typed = BuddyParameters.from(parameters);
        HeadTagLayout layout = layoutOfPool(space, typed);
        return new BuddyPolicy(space, layout, typed, BuddyRebuild.scan(space, layout, typed));
    }

    @Override
    public boolean repair(PolicySpace space, PolicyParameters parameters, Consumer<RepairItem> items) {
        BuddyParameters typed = BuddyParameters.from(parameters);
        new BuddyRepair(space.region(), layoutOfPool(space, typed).upTo(space.usableEndOffset()), typed, items).run();
        return true;
    }

    // Format refuses such a space, so a pool that has one was not written by it.
    private static HeadTagLayout layoutOfPool(PolicySpace space, BuddyParameters parameters) {
        try {
            return new HeadTagLayout(space, parameters);
        } catch (IllegalArgumentException unfit) {
            throw new PoolCorruptedException(
                    "recorded geometry is damaged: policy=" + ID + " region="
                            + space.region().name() + "; " + unfit.getMessage(),
                    unfit);
        }
    }

    @Override
    public List<PersistPoint> persistPoints() {
        return List.of(TAGS_FORMATTED);
    }
}
