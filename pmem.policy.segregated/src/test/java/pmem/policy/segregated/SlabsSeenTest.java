package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pmem.api.Handles;
import pmem.spi.HeapRegion;
import pmem.spi.PolicyAccess;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.StateField;

/** Which slabs an access remembers, in memory that is volatile: where frees are done at once. */
class SlabsSeenTest {
    private static final int START_OFFSET = 4096;
    private static final int REGION_BYTES = 4 << 20;
    private static final int BLOCK_BYTES = 512;
    private static final int BLOCKS = 1000;
    private static final long SLAB_BYTES = 16_384;
    private static final int COLLECTIONS_MAX = 20;
    private static final int LOOKS_MAX = 5;

    private final HeapRegion region = HeapRegion.ofTransient(REGION_BYTES);
    private final SegregatedPolicy policy = attach();

    private SegregatedPolicy attach() {
        SegregatedProvider provider = new SegregatedProvider();
        Map<String, Long> parameters = Map.of(
                "slabBytes",
                SLAB_BYTES,
                "growth",
                0L,
                "maintenanceMillis",
                0L,
                "emptySlabsKept",
                0L,
                "mediumBytes",
                0L);
        return (SegregatedPolicy) provider.attach(
                new PolicySpace(region, START_OFFSET, REGION_BYTES), PolicyParameters.of(provider, parameters));
    }

    private long allocate(PolicyAccess access) {
        long handle = access.allocateAtOnce(BLOCK_BYTES, 1);
        if (handle == Handles.NONE) {
            // There is no slab with room yet.
            handle = access.reserve(BLOCK_BYTES, 1);
            setState(handle, 1);
        }
        return handle;
    }

    private void setState(long handle, int value) {
        long field = policy.stateField(handle);
        long offset = StateField.wordOffset(field);
        region.storePlain(offset, StateField.insert(region.loadPlain(offset), field, value));
    }

    /** Blocks of many slabs, so that none of the first is the one an access dealt with last. */
    private List<Long> allocateMany(PolicyAccess access) {
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            handles.add(allocate(access));
        }
        return handles;
    }

    private WeakReference<Slab> slabOf(long handle) {
        return new WeakReference<>(policy.slabOf(handle, Slab.NONE));
    }

    private List<Long> ofSameSlab(long handle, List<Long> handles) {
        int page = policy.slabOf(handle, Slab.NONE).firstPage();
        return handles.stream()
                .filter(other -> policy.slabOf(other, Slab.NONE).firstPage() == page)
                .toList();
    }

    private static void requireCollected(WeakReference<Slab> slab) {
        for (int i = 0; i < COLLECTIONS_MAX && slab.get() != null; i++) {
            System.gc();
        }
        assertThat(slab.get()).as("a slab that was dropped").isNull();
    }

    @Test
    void what_an_access_drops_it_does_not_remember() {
        try (PolicyAccess access = policy.openAccess(true)) {
            List<Long> all = allocateMany(access);
            WeakReference<Slab> slab = slabOf(all.getFirst());
            for (long handle : ofSameSlab(all.getFirst(), all)) {
                assertThat(access.freeAtOnce(handle)).isTrue();
            }
            assertThat(policy.slabOf(all.getFirst(), Slab.NONE)).isSameAs(Slab.NONE);
            requireCollected(slab);
        }
    }

    @Test
    void what_others_dropped_an_access_forgets_when_a_block_on_the_same_pages_is_freed() {
        try (PolicyAccess access = policy.openAccess(false)) {
            List<Long> all = allocateMany(access);
            WeakReference<Slab> slab = slabOf(all.getFirst());
            List<Long> blocks = ofSameSlab(all.getFirst(), all);
            assertThat(access.freeAtOnce(blocks.getFirst())).isTrue();
            moveToDepot(blocks.getFirst());
            for (long handle : blocks.subList(1, blocks.size())) {
                setState(handle, 0);
                policy.release(handle, 1);
            }
            policy.maintain();
            assertThat(policy.slabOf(all.getFirst(), Slab.NONE)).isSameAs(Slab.NONE);
            long large = access.reserve(SLAB_BYTES, 1);
            assertThat(all.getFirst()).isBetween(large, large + SlabsSeen.PLACE_BYTES - 1);
            access.freeAtOnce(large);
            requireCollected(slab);
        }
    }

    /** Finds the access idle until the slab with room is nobody's. */
    private void moveToDepot(long handle) {
        SlabOwner owner = policy.slabOf(handle, Slab.NONE).owner();
        for (int look = 0; look < LOOKS_MAX; look++) {
            policy.maintain();
        }
        assertThat(policy.slabOf(handle, Slab.NONE).owner()).isNotNull().isNotSameAs(owner);
    }
}
