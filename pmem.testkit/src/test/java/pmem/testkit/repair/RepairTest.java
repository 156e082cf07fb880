package pmem.testkit.repair;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pmem.api.CheckReport;
import pmem.api.Finding;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.PoolPart;
import pmem.api.RepairItem;
import pmem.api.RepairItem.Action;
import pmem.api.RepairReport;
import pmem.spi.HeapRegion;
import pmem.spi.PolicyProvider;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.RepairBackup;
import pmem.testkit.region.CrashImages;
import pmem.testkit.region.CrashMoment;
import pmem.testkit.region.SimulatedRegion;

/** What a repair does about each kind of damage, over every policy on the module path. */
class RepairTest {
    private static final long BYTES = 1 << 18;
    private static final int IMAGES_PER_MOMENT_MAX = 60;
    private static final int LOG = 2;
    private static final int ROOTS = 3;
    private static final int SPACE = 4;
    private static final long LANE_BYTES = 9 * 64;

    private final PoolProvider provider = Providers.only(PoolProvider.class);
    private final Map<Long, Long> blocks = new TreeMap<>();
    private HeapRegion region = new HeapRegion(BYTES);
    private long[] handles = {};

    static List<String> policies() {
        return Providers.policies().stream().map(PolicyProvider::id).toList();
    }

    private Pool open() {
        return provider.openOn(region, PoolOptions.open());
    }

    private void makePool(String policy) {
        PoolOptions options =
                PoolOptions.create(BYTES).policy(policy).lanes(4).laneEntries(8).roots(4);
        try (Pool pool = provider.openOn(region, options)) {
            handles = pool.allocateAll(64, 64, 500, 5000, 20_000);
            pool.setRoot("first", handles[0]);
            pool.setRoot("second", handles[3]);
            pool.forEachBlock(blocks::put);
        }
    }

    private long part(int index) {
        return provider.checkOn(region).parts().get(index).offset();
    }

    private RepairReport repair() {
        RepairReport report = provider.repairOn(region, false, RepairBackup.NONE);
        assertThat(report.outcome()).as(report.toString()).isEqualTo(RepairReport.Outcome.REPAIRED);
        assertThat(provider.checkOn(region).isSound()).isTrue();
        return report;
    }

    private RepairItem onlyItem() {
        RepairReport report = repair();
        assertThat(report.items()).as(report.toString()).hasSize(1);
        return report.items().getFirst();
    }

    private void assertAllBlocks() {
        try (Pool pool = open()) {
            Map<Long, Long> found = new TreeMap<>();
            pool.forEachBlock(found::put);
            assertThat(found).isEqualTo(blocks);
            assertThat(pool.verify()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_damaged_superblock_copy_is_rewritten_from_the_other_one(String policy) {
        makePool(policy);
        byte[] intact = region.image();
        region.fill(40, 100, 0x77);
        RepairItem item = onlyItem();
        assertThat(item.action()).isEqualTo(Action.REWRITTEN);
        assertThat(item.finding().code()).isEqualTo("superblock.copy");
        assertThat(item.finding().offset()).isZero();
        assertThat(Arrays.mismatch(intact, 0, 376, region.image(), 0, 376)).isEqualTo(-1);
        assertAllBlocks();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void two_copies_damaged_in_different_words_are_joined(String policy) {
        makePool(policy);
        region.setByte(40, region.byteAt(40) ^ 4);
        region.setByte(4096 + 120, region.byteAt(4096 + 120) ^ 4);
        assertThat(provider.checkOn(region).opens()).isFalse();
        assertThat(repair().items()).extracting(RepairItem::action).containsOnly(Action.REWRITTEN);
        assertAllBlocks();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void two_copies_that_are_gone_cannot_be_repaired_and_nothing_is_changed(String policy) {
        makePool(policy);
        region.fill(16, 300, 0x77);
        region.fill(4096 + 16, 300, 0x78);
        byte[] before = region.image();
        RepairReport report = provider.repairOn(region, false, RepairBackup.NONE);
        assertThat(report.outcome()).isEqualTo(RepairReport.Outcome.IMPOSSIBLE);
        assertThat(region.image()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_flipped_bit_of_a_lane_header_is_put_right(String policy) {
        makePool(policy);
        long header = part(LOG) + LANE_BYTES;
        region.setByte(header + 3, region.byteAt(header + 3) ^ 0x20);
        RepairItem item = onlyItem();
        assertThat(item.action()).isEqualTo(Action.REWRITTEN);
        assertThat(item.finding().code()).isEqualTo("log.header");
        assertThat(item.finding().offset()).isEqualTo(header);
        assertThat(item.result()).contains("one changed bit");
        assertAllBlocks();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_lane_header_beyond_help_makes_the_lane_empty(String policy) {
        makePool(policy);
        region.storePlain(part(LOG), 0x1234_5678_9abc_def0L);
        assertThat(onlyItem().result()).contains("as it was when the pool was closed");
        assertAllBlocks();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_root_with_a_damaged_name_is_found_under_another_name(String policy) {
        makePool(policy);
        region.setByte(part(ROOTS) + 16, 'F');
        RepairItem item = onlyItem();
        assertThat(item.action()).isEqualTo(Action.REATTACHED);
        assertThat(item.finding().code()).isEqualTo("root.name");
        try (Pool pool = open()) {
            assertThat(pool.roots()).isEqualTo(Map.of("repaired-slot-0", handles[0], "second", handles[3]));
        }
        assertAllBlocks();
    }

    @ParameterizedTest
    @MethodSource("policies")
    void of_two_roots_with_one_name_the_second_gets_another(String policy) {
        makePool(policy);
        long first = part(ROOTS);
        for (int at = 8; at < 320; at += 8) {
            region.storePlain(first + 320 + at, region.loadPlain(first + at));
        }
        assertThat(onlyItem().finding().code()).isEqualTo("root.duplicate");
        try (Pool pool = open()) {
            assertThat(pool.roots()).isEqualTo(Map.of("first", handles[0], "repaired-slot-1", handles[3]));
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void a_root_that_names_no_block_is_removed_and_the_others_stay(String policy) {
        makePool(policy);
        region.storePlain(part(ROOTS), handles[0] + 8);
        RepairItem item = onlyItem();
        assertThat(item.action()).isEqualTo(Action.DROPPED);
        assertThat(item.finding().code()).isEqualTo(Finding.DANGLING_ROOT);
        try (Pool pool = open()) {
            assertThat(pool.roots()).isEqualTo(Map.of("second", handles[3]));
        }
        assertAllBlocks();
    }

    /** Random words over the policy's metadata; whatever is lost, what is left works and is said. */
    @ParameterizedTest
    @MethodSource("policies")
    void metadata_of_the_policy_that_is_overwritten_is_given_up_item_by_item(String policy) {
        makePool(policy);
        long start = part(SPACE);
        for (int word = 0; word < 6; word++) {
            region.storePlain(start + 8L * word, 0xdead_beef_0bad_f00dL * (word + 1));
        }
        RepairReport report = repair();
        assertThat(report.before().state()).isEqualTo(CheckReport.State.DAMAGED);
        assertThat(report.items()).extracting(RepairItem::action).contains(Action.DROPPED);
        assertThat(report.items()).allSatisfy(item -> assertThat(item.result()).isNotBlank());
        try (Pool pool = open()) {
            assertThat(pool.verify()).isEmpty();
            pool.free(pool.allocate(100));
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void only_the_ranges_that_were_announced_are_changed(String policy) {
        makePool(policy);
        region.fill(40, 100, 0x77);
        region.storePlain(part(LOG), 99);
        byte[] before = region.image();
        List<PoolPart> announced = new ArrayList<>();
        provider.repairOn(region, false, (unchanged, ranges) -> {
            assertThat(region.image())
                    .as("nothing is changed before the backup")
                    .isEqualTo(before);
            announced.addAll(ranges);
            return Optional.empty();
        });
        assertThat(announced).isNotEmpty();
        byte[] expected = before.clone();
        byte[] after = region.image();
        for (PoolPart range : announced) {
            System.arraycopy(after, (int) range.offset(), expected, (int) range.offset(), (int) range.bytes());
        }
        assertThat(after).isEqualTo(expected);
    }

    /** Every image that media can hold when the power fails during a repair is repaired to the same pool. */
    @ParameterizedTest
    @MethodSource("policies")
    void a_repair_that_is_cut_off_can_be_repeated(String policy) {
        makePool(policy);
        region.fill(40, 100, 0x77);
        region.storePlain(part(LOG), 99);
        region.setByte(part(ROOTS) + 16, 'F');
        region.storePlain(part(ROOTS) + 320, 24);
        SimulatedRegion simulated = SimulatedRegion.onMedia(words(region.image()));
        simulated.record(true);
        provider.repairOn(simulated, false, RepairBackup.NONE);
        int[] images = {0};
        for (CrashMoment moment : simulated.moments()) {
            CrashImages.of(simulated, moment, false).forEach(IMAGES_PER_MOMENT_MAX, current -> {
                region = heapRegion(current.build());
                images[0]++;
                RepairReport.Outcome outcome =
                        provider.repairOn(region, false, RepairBackup.NONE).outcome();
                assertThat(outcome).isNotEqualTo(RepairReport.Outcome.IMPOSSIBLE);
                try (Pool pool = open()) {
                    assertThat(pool.verify()).isEmpty();
                    assertThat(pool.roots()).isEqualTo(Map.of("repaired-slot-0", handles[0]));
                }
                assertAllBlocks();
                return true;
            });
        }
        assertThat(images[0]).isGreaterThan(20);
    }

    private static long[] words(byte[] image) {
        long[] words = new long[image.length / Long.BYTES];
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
        return words;
    }

    private static HeapRegion heapRegion(long[] words) {
        HeapRegion copy = new HeapRegion((long) words.length * Long.BYTES);
        for (int i = 0; i < words.length; i++) {
            copy.storePlain((long) i * Long.BYTES, words[i]);
        }
        return copy;
    }
}
