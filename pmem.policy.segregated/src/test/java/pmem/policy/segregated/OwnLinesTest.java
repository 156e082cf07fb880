package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pmem.spi.HeapRegion;
import pmem.spi.Policy;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.Region;
import pmem.spi.extent.OwnerLock;
import pmem.spi.extent.SlabExtent;

/** What one thread changes at each call shares no cache line with what another one does, whichever objects a collector puts side by side. */
class OwnLinesTest {
    private static final int REGION_BYTES = 1 << 20;
    private static final int START_OFFSET = 4096;

    private final HeapRegion region = new HeapRegion(REGION_BYTES);

    @Test
    void a_slab_ends_with_a_line_that_nobody_changes() throws ReflectiveOperationException {
        requireRoomBehind(Slab.of(new SlabExtent.Place(1, 1, 0), 64, 50, START_OFFSET, START_OFFSET, false));
    }

    @Test
    void an_owner_and_its_lock_end_with_a_line_that_nobody_changes() throws ReflectiveOperationException {
        OwnerLock lock = OwnerLock.ofOneThread(region);
        requireRoomBehind(lock);
        requireRoomBehind(SlabOwner.of(region, new Transit(), 1, 0, 1, lock));
    }

    @Test
    void an_access_ends_with_a_line_that_nobody_changes() throws ReflectiveOperationException {
        SegregatedProvider provider = new SegregatedProvider();
        Policy policy = provider.attach(
                new PolicySpace(region, START_OFFSET, REGION_BYTES, true), PolicyParameters.of(provider, Map.of()));
        requireRoomBehind(policy.openAccess(true));
        policy.close();
    }

    private static void requireRoomBehind(Object object) throws ReflectiveOperationException {
        List<Long> room = offsets(object.getClass());
        assertThat(room).hasSizeGreaterThanOrEqualTo(Region.LINE_BYTES / Long.BYTES);
        Class<?> from = object.getClass().getSuperclass();
        long first = room.stream().min(Long::compare).orElseThrow();
        for (Class<?> type = from; type != null; type = type.getSuperclass()) {
            assertThat(offsets(type)).allMatch(offset -> offset < first, "before offset " + first);
        }
    }

    // No other way to ask the virtual machine where it puts fields.
    private static List<Long> offsets(Class<?> type) throws ReflectiveOperationException {
        Class<?> unsafeType = Class.forName("sun.misc.Unsafe");
        Field only = unsafeType.getDeclaredField("theUnsafe");
        only.setAccessible(true);
        Method offsetOf = unsafeType.getMethod("objectFieldOffset", Field.class);
        List<Long> offsets = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                offsets.add((long) offsetOf.invoke(only.get(null), field));
            }
        }
        return offsets;
    }
}
