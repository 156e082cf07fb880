package pmem.policy.segregated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.PoolCorruptedException;
import pmem.spi.HeapRegion;
import pmem.spi.Policy;
import pmem.spi.PolicyAccess;
import pmem.spi.PolicyParameters;
import pmem.spi.PolicySpace;
import pmem.spi.StateField;

/** What is this policy's own; what all policies have in common is proved by the contract tests. */
class SegregatedPolicyTest {
    private static final long START_OFFSET = 4096;
    private static final int REGION_BYTES = 1 << 20;

    private final HeapRegion region = new HeapRegion(REGION_BYTES);
    private final Policy policy = attach(region, Map.of());

    private static Policy attach(HeapRegion region, Map<String, Long> chosen) {
        SegregatedProvider provider = new SegregatedProvider();
        PolicySpace space = new PolicySpace(region, START_OFFSET, region.capacityBytes());
        return provider.attach(space, PolicyParameters.of(provider, chosen));
    }

    private static void change(HeapRegion region, Policy policy, long handle, long value) {
        long field = policy.stateField(handle);
        long offset = StateField.wordOffset(field);
        long word;
        do {
            word = region.loadAcquire(offset);
        } while (!region.compareAndSet(offset, word, StateField.insert(word, field, value)));
    }

    private static long allocate(HeapRegion region, Policy policy, long bytes) {
        long handle = policy.reserve(bytes, 1);
        if (handle != Handles.NONE) {
            change(region, policy, handle, policy.allocatedValue(handle, bytes, 1));
        }
        return handle;
    }

    private static void free(HeapRegion region, Policy policy, long handle) {
        long field = policy.stateField(handle);
        long value = StateField.extract(region.loadAcquire(StateField.wordOffset(field)), field);
        change(region, policy, handle, 0);
        policy.release(handle, value);
    }

    private static NavigableMap<Long, Long> liveSet(Policy policy) {
        NavigableMap<Long, Long> live = new TreeMap<>();
        policy.forEachAllocated(live::put);
        return live;
    }

    private static List<Finding> findings(Policy policy) {
        List<Finding> findings = new ArrayList<>();
        policy.verify(findings::add);
        return findings;
    }

    @Test
    void a_new_slab_costs_its_header_and_its_table_word_in_this_order() {
        policy.reserve(64, 1);
        assertThat(region.writtenBack())
                .extracting(HeapRegion.WrittenBack::point)
                .containsExactly(SegregatedPolicy.SLAB_HEADER_CLEARED, SegregatedPolicy.SLAB_CREATED);
        assertThat(region.writtenBack().get(0).offset()).isGreaterThan(START_OFFSET);
        assertThat(region.writtenBack().get(1).offset()).isEqualTo(START_OFFSET);
        assertThat(region.fences()).isEqualTo(2);
        policy.reserve(64, 1);
        assertThat(region.fences()).isEqualTo(2);
    }

    @Test
    void a_slab_is_dropped_with_one_fence() {
        HeapRegion other = new HeapRegion(REGION_BYTES);
        Policy keepsNone = attach(other, Map.of("emptySlabsKept", 0L));
        long handle = keepsNone.reserve(64, 1);
        assertThat(other.loadPlain(START_OFFSET)).isNotZero();
        keepsNone.release(handle, 1);
        assertThat(other.loadPlain(START_OFFSET)).isZero();
        assertThat(other.writtenBack().getLast().point()).isEqualTo(SegregatedPolicy.SLAB_DROPPED);
        assertThat(other.fences()).isEqualTo(3);
        assertThat(keepsNone.usedBytes()).isEqualTo(keepsNone.metadataBytes());
    }

    @Test
    void a_slab_on_pages_that_held_other_content_starts_empty() {
        Policy policy = attach(region, Map.of("largeBlockBytesKept", 0L));
        long large = allocate(region, policy, 500_000);
        region.fill(large, 500_000, 0xff);
        free(region, policy, large);
        long handle = allocate(region, policy, 100);
        assertThat(handle).isBetween(large, large + 500_000);
        assertThat(liveSet(policy)).containsOnlyKeys(handle);
        assertThat(liveSet(attach(new HeapRegion(region.image()), Map.of()))).containsOnlyKeys(handle);
        assertThat(findings(policy)).isEmpty();
    }

    @Test
    void a_rebuilt_heap_has_the_same_blocks() {
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            handles.add(allocate(region, policy, 1 + i * 20L));
        }
        for (int i = 0; i < 100; i += 3) {
            free(region, policy, handles.get(i));
        }
        Policy rebuilt = attach(new HeapRegion(region.image()), Map.of());
        assertThat(liveSet(rebuilt)).isEqualTo(liveSet(policy)).hasSize(100 - 34);
        assertThat(rebuilt.liveBytes()).isEqualTo(policy.liveBytes());
        assertThat(rebuilt.liveBlocks()).isEqualTo(policy.liveBlocks());
        assertThat(findings(rebuilt)).isEmpty();
        assertThat(findings(policy)).isEmpty();
    }

    @Test
    void header_bits_after_the_last_block_are_refused() {
        long handle = allocate(region, policy, 1024);
        long headerOffset = StateField.wordOffset(policy.stateField(handle));
        region.storePlain(headerOffset + 8, 1L << 63);
        assertThat(findings(policy)).hasSize(1);
        assertThatThrownBy(() -> attach(new HeapRegion(region.image()), Map.of()))
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("slab header page=0")
                .hasMessageContaining("mediaOffset=0x" + Long.toHexString(headerOffset + 8));
    }

    @Test
    void threads_claim_from_slabs_of_their_own_and_take_from_others_when_room_is_short() throws Exception {
        List<Long> handles = new ArrayList<>();
        int threadCount = 4;
        try (ExecutorService threads = Executors.newFixedThreadPool(threadCount)) {
            List<Future<List<Long>>> running = new ArrayList<>();
            for (int i = 0; i < threadCount; i++) {
                running.add(threads.submit(this::fill));
            }
            for (Future<List<Long>> each : running) {
                handles.addAll(each.get());
            }
        }
        assertThat(handles).doesNotHaveDuplicates();
        assertThat(handles.size() * 1024L).isGreaterThan(REGION_BYTES * 9L / 10);
        assertThat(findings(policy)).isEmpty();
        handles.forEach(handle -> free(region, policy, handle));
        assertThat(policy.liveBlocks()).isZero();
        assertThat(allocate(region, policy, policy.largestFreeBytes())).isNotEqualTo(Handles.NONE);
        assertThat(policy.usedBytes()).isEqualTo(REGION_BYTES - START_OFFSET);
        assertThat(findings(policy)).isEmpty();
    }

    private List<Long> fill() {
        List<Long> handles = new ArrayList<>();
        for (long handle = allocate(region, policy, 1024);
                handle != Handles.NONE;
                handle = allocate(region, policy, 1024)) {
            handles.add(handle);
        }
        return handles;
    }

    /** An access that has just freed one block in each of its slabs, beside the one it claims from. */
    private static PolicyAccess accessWithRoomInSlabs(Policy owned, int slabs) {
        PolicyAccess access = owned.openAccess(false);
        long used = owned.usedBytes();
        List<Long> firsts = new ArrayList<>();
        while (firsts.size() <= slabs) {
            long handle = access.reserve(1024, 1);
            if (owned.usedBytes() != used) {
                used = owned.usedBytes();
                firsts.add(handle);
            }
        }
        firsts.subList(0, slabs).forEach(handle -> access.release(handle, 1));
        return access;
    }

    private static long usedByAnotherThatReserves(Policy owned, PolicyAccess access) {
        long before = owned.usedBytes();
        try (PolicyAccess another = owned.openAccess(false)) {
            another.reserve(1024, 1);
            long used = owned.usedBytes() - before;
            access.close();
            return used;
        }
    }

    private Policy unattended(String parameter, long value) {
        return attach(
                new HeapRegion(REGION_BYTES),
                Map.of("maintenanceMillis", 0L, "slabBytes", 8192L, "growth", 0L, parameter, value));
    }

    @Test
    void an_owner_in_use_gives_up_slabs_with_room_that_are_more_than_it_should_keep() {
        Policy keepsTwo = unattended("slabsWithRoomKept", 2);
        PolicyAccess access = accessWithRoomInSlabs(keepsTwo, 3);
        keepsTwo.maintain();
        assertThat(usedByAnotherThatReserves(keepsTwo, access)).isZero();

        Policy keepsThree = unattended("slabsWithRoomKept", 3);
        PolicyAccess keeping = accessWithRoomInSlabs(keepsThree, 3);
        keepsThree.maintain();
        assertThat(usedByAnotherThatReserves(keepsThree, keeping)).isPositive();
    }

    @Test
    void an_idle_owner_gives_up_one_slab_then_two_then_four() {
        Policy owned = unattended("emptySlabsKept", 100);
        PolicyAccess access = owned.openAccess(false);
        // Fifteen to a slab.
        List<Long> handles =
                LongStream.range(0, 120).mapToObj(i -> access.reserve(1024, 1)).toList();
        handles.forEach(handle -> access.release(handle, 1));
        requireGivenUpInSteps(owned);
    }

    @Test
    void what_a_thread_without_an_access_leaves_when_it_ends_is_given_up_in_such_steps() throws InterruptedException {
        Policy owned = unattended("emptySlabsKept", 100);
        Thread thread = new Thread(() -> {
            List<Long> handles = LongStream.range(0, 120)
                    .mapToObj(i -> owned.reserve(1024, 1))
                    .toList();
            handles.forEach(handle -> owned.release(handle, 1));
        });
        thread.start();
        thread.join();
        requireGivenUpInSteps(owned);
    }

    private static void requireGivenUpInSteps(Policy owned) {
        long slabBytes = (owned.usedBytes() - owned.metadataBytes()) / 8;
        owned.maintain();
        long before = owned.usedBytes();
        List<Long> slabs = new ArrayList<>();
        for (int tick = 0; tick < 4; tick++) {
            owned.maintain();
            slabs.add((before - owned.usedBytes()) / slabBytes);
            before = owned.usedBytes();
        }
        assertThat(slabs).containsExactly(1L, 2L, 4L, 1L);
        assertThat(owned.usedBytes()).isEqualTo(owned.metadataBytes());
    }

    @Test
    void the_maintainer_starts_with_the_second_thread() throws InterruptedException {
        Policy attended = attach(new HeapRegion(REGION_BYTES), Map.of("maintenanceMillis", 1L, "slabBytes", 8192L));
        Set<Thread> ofOthers = maintainers();
        allocateAndFreeInThreadThatEnds(attended);
        assertThat(ofOthers).containsAll(maintainers());
        allocateAndFreeInThreadThatEnds(attended);
        // It takes its time; if it never came the test would not end.
        while (attended.usedBytes() != attended.metadataBytes()) {
            Thread.onSpinWait();
        }
        attended.close();
    }

    private static Set<Thread> maintainers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("pmem-maintainer"))
                .collect(Collectors.toSet());
    }

    private static void allocateAndFreeInThreadThatEnds(Policy policy) throws InterruptedException {
        Thread thread = new Thread(() -> policy.release(policy.reserve(1024, 1), 1));
        thread.start();
        thread.join();
    }

    @Test
    void a_thread_claims_from_what_another_has_left_that_has_ended() throws InterruptedException {
        Policy owned = unattended("threadCaches", 1);
        Set<Long> left = new HashSet<>();
        Thread thread = new Thread(() -> {
            List<Long> handles = LongStream.range(0, 15)
                    .mapToObj(i -> owned.reserve(1024, 1))
                    .toList();
            handles.subList(0, 8).forEach(handle -> {
                owned.release(handle, 1);
                left.add(handle);
            });
        });
        thread.start();
        thread.join();
        for (int i = 0; i < 8; i++) {
            assertThat(left.remove(owned.reserve(1024, 1))).isTrue();
        }
        assertThat(findings(owned)).isEmpty();
    }

    @Test
    void an_owner_does_not_wait_for_single_blocks_that_another_releases() {
        Policy owned = unattended("emptySlabsKept", 1);
        PolicyAccess access = owned.openAccess(false);
        PolicyAccess other = owned.openAccess(false);
        List<Long> ofFirst = new ArrayList<>(List.of(access.reserve(64, 1)));
        long used = owned.usedBytes();
        for (long handle = access.reserve(64, 1); owned.usedBytes() == used; handle = access.reserve(64, 1)) {
            ofFirst.add(handle);
        }
        // The second slab has one already.
        for (int i = 1; i < ofFirst.size(); i++) {
            access.reserve(64, 1);
        }
        used = owned.usedBytes();
        other.release(ofFirst.get(0), 1);
        assertThat(access.reserve(64, 1)).isNotEqualTo(ofFirst.get(0));
        assertThat(owned.usedBytes()).as("a further slab").isGreaterThan(used);

        used = owned.usedBytes();
        List<Long> more = ofFirst.subList(1, ofFirst.size() / 2);
        more.forEach(handle -> other.release(handle, 1));
        for (int i = 1; i < ofFirst.size(); i++) {
            access.reserve(64, 1);
        }
        assertThat(ofFirst.subList(0, ofFirst.size() / 2)).contains(access.reserve(64, 1));
        assertThat(owned.usedBytes()).as("no further slab for many").isEqualTo(used);
        assertThat(findings(owned)).isEmpty();
    }

    @Test
    void an_owner_takes_single_blocks_that_another_releases_where_there_is_no_room_for_a_slab() {
        Policy owned = unattended("emptySlabsKept", 1);
        PolicyAccess access = owned.openAccess(false);
        PolicyAccess other = owned.openAccess(false);
        List<Long> all = new ArrayList<>();
        for (long handle = access.reserve(64, 1); handle != Handles.NONE; handle = access.reserve(64, 1)) {
            all.add(handle);
        }
        for (int i = 0; i < 100; i++) {
            other.release(all.get(i), 1);
            assertThat(access.reserve(64, 1)).isEqualTo(all.get(i));
        }
        assertThat(access.reserve(64, 1)).isEqualTo(Handles.NONE);
        assertThat(findings(owned)).isEmpty();
    }

    @Test
    void empty_slabs_beyond_what_the_pool_keeps_become_free_space() {
        for (long keptBytes : new long[] {0, REGION_BYTES}) {
            Policy owned = unattended("emptyBytesKept", keptBytes);
            PolicyAccess access = owned.openAccess(false);
            for (long bytes = 64; bytes <= 2048; bytes *= 2) {
                access.release(access.reserve(bytes, 1), 1);
            }
            owned.maintain();
            if (keptBytes == 0) {
                assertThat(owned.usedBytes()).isEqualTo(owned.metadataBytes());
            } else {
                assertThat(owned.usedBytes()).isGreaterThan(owned.metadataBytes());
            }
        }
    }

    @Test
    void room_in_slabs_of_an_exclusive_access_is_not_said_to_be_anybodys() {
        Policy owned = attach(new HeapRegion(64 << 10), Map.of("maintenanceMillis", 0L));
        PolicyAccess exclusive = owned.openAccess(true);
        List<Long> handles = new ArrayList<>();
        for (long handle = exclusive.reserve(1024, 1); handle != Handles.NONE; handle = exclusive.reserve(1024, 1)) {
            handles.add(handle);
        }
        exclusive.release(handles.get(5), 1);
        long largestBytes = owned.largestFreeBytes();
        assertThat(largestBytes == 0 || owned.reserve(largestBytes, 1) != Handles.NONE)
                .isTrue();
        assertThat(exclusive.reserve(1024, 1)).isEqualTo(handles.get(5));
    }

    @Test
    void an_adopted_slab_is_claimed_from_by_who_released_its_blocks() {
        Policy owned = unattended("adoptAfter", 2);
        PolicyAccess one = owned.openAccess(false);
        PolicyAccess other = owned.openAccess(false);
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            handles.add(one.reserve(1024, 1));
        }
        other.release(handles.get(0), 1);
        other.release(handles.get(1), 1);
        assertThat(List.of(other.reserve(1024, 1), other.reserve(1024, 1)))
                .containsExactlyInAnyOrder(handles.get(0), handles.get(1));
        assertThat(findings(owned)).isEmpty();
        assertThat(owned.liveBlocks()).isEqualTo(20);
    }

    @Test
    void slabs_passed_on_to_a_thread_that_only_frees_do_not_pile_up() {
        for (boolean exclusive : new boolean[] {false, true}) {
            Policy owned = unattended("adoptAfter", 2);
            PolicyAccess producer = owned.openAccess(exclusive);
            PolicyAccess consumer = owned.openAccess(exclusive);
            for (int round = 0; round < 200; round++) {
                List<Long> handles = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    handles.add(producer.reserve(1024, 1));
                }
                assertThat(handles).as("round %d", round).doesNotContain(Handles.NONE);
                handles.forEach(handle -> consumer.release(handle, 1));
                assertThat(owned.usedBytes()).as("used after round %d", round).isLessThan(REGION_BYTES / 2);
            }
            assertThat(owned.liveBlocks()).isZero();
            assertThat(findings(owned)).isEmpty();
        }
    }

    @Test
    void an_owner_claims_elsewhere_while_others_release_blocks_of_its_slab() {
        Policy owned = attach(
                new HeapRegion(REGION_BYTES),
                Map.of("pageBytes", 1024L, "slabBytes", 1024L, "growth", 0L, "headerColours", 1L));
        PolicyAccess owner = owned.openAccess(false);
        PolicyAccess other = owned.openAccess(false);
        List<Long> handles = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            handles.add(owner.reserve(128, 1));
        }
        List<Long> ofFirstSlab = handles.subList(0, 7);
        List<Long> ofCurrentSlab = handles.subList(7, 14);
        owner.release(ofFirstSlab.get(3), 1);
        owner.release(ofCurrentSlab.get(0), 1);
        other.release(ofCurrentSlab.get(5), 1);
        assertThat(owner.reserve(128, 1)).isEqualTo(ofFirstSlab.get(3));
        assertThat(List.of(owner.reserve(128, 1), owner.reserve(128, 1)))
                .as("blocks of the slab left before, those released elsewhere among them")
                .containsExactlyInAnyOrder(ofCurrentSlab.get(0), ofCurrentSlab.get(5));
        assertThat(findings(owned)).isEmpty();
    }
}
