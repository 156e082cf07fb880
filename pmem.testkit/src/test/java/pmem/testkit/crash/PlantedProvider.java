package pmem.testkit.crash;

import java.util.List;
import java.util.Locale;
import pmem.spi.PersistPoint;
import pmem.spi.Policy;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicyProvider;
import pmem.spi.PolicySpace;
import pmem.spi.Region;

/**
 * The smallest policy worth crashing, right or with one planted bug. It is not on the module path, so no other test meets it.
 *
 * <pre>
 * 0x000 table: one word a slab, 1 if there is one | 0x040 + 64 i header of slab i: state bits, block size | 0x400 + 1024 i slab i
 * </pre>
 */
final class PlantedProvider implements PolicyProvider {
    /** What is wrong with the policy. */
    enum Bug {
        /** Nothing. */
        NONE,
        /** The header of a new slab and its table word go to media in any order. */
        FENCE_FORGOTTEN,
        /** The rebuild counts each block twice. */
        DOUBLE_COUNT_ON_REBUILD,
        /** Two threads may find the same block free before one of them claims it. */
        CLAIM_NOT_ATOMIC
    }

    static final PersistPoint FORMATTED =
            new PersistPoint("planted.formatted", "The empty table is on media before there is a pool.");
    static final PersistPoint HEADER = new PersistPoint(
            "planted.header", "The header of a slab is on media before the table says that there is a slab.");
    static final PersistPoint CREATED =
            new PersistPoint("planted.created", "The table word is on media before a block of the slab is handed out.");
    static final PersistPoint DROPPED =
            new PersistPoint("planted.dropped", "The table word is 0 on media before the place becomes another slab.");

    static final int SLABS = 8;
    private static final long BYTES = 3 * 4096;

    private final Bug bug;

    PlantedProvider(Bug bug) {
        this.bug = bug;
    }

    @Override
    public String id() {
        return "planted-" + bug.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String summary() {
        return "Two block sizes in eight slabs, for tests.";
    }

    @Override
    public int formatVersion() {
        return 1;
    }

    @Override
    public List<PolicyParameter> parameters() {
        return List.of();
    }

    @Override
    public long minimumBytes(PolicyParameters parameters) {
        return BYTES;
    }

    @Override
    public void format(PolicySpace space, PolicyParameters parameters, boolean zeroed) {
        for (int slab = 0; slab < SLABS; slab++) {
            space.region().storePlain(space.startOffset() + (long) slab * Long.BYTES, 0);
        }
        space.region().writeBack(FORMATTED, space.startOffset(), Region.LINE_BYTES);
    }

    @Override
    public Policy attach(PolicySpace space, PolicyParameters parameters) {
        return new PlantedPolicy(space, bug);
    }

    @Override
    public List<PersistPoint> persistPoints() {
        return List.of(FORMATTED, HEADER, CREATED, DROPPED);
    }
}
