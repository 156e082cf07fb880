package pmem.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.api.Finding;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.RepairItem;
import pmem.spi.HeapRegion;
import pmem.spi.PersistPoint;
import pmem.spi.PoolProvider;

/** What a region is, told by superblock copies and length; the rows of the table in docs/media-format.md. */
class OpenDecisionTest {
    private static final long BYTES = 1 << 20;
    private static final PersistPoint POINT = new PersistPoint("test.point", "Nothing depends on it.");

    private final HeapRegion region = new HeapRegion(BYTES);

    private static Superblock superblock(long capacityBytes, int lanes) {
        return new Superblock(1, 2, new PoolGeometry(capacityBytes, lanes, 8, 4), "some-policy", 1, List.of(5L));
    }

    private void store(Superblock superblock, int copy) {
        superblock.storeBody(region, copy);
        Superblock.storeMagic(region, copy);
    }

    private void storeBoth() {
        store(superblock(BYTES, 2), 0);
        store(superblock(BYTES, 2), 1);
    }

    // With a right checksum, as the release that wrote it would have.
    private void storeVersion(int copy, long version) {
        long start = SuperblockLayout.copyOffset(copy);
        region.storePlain(start + SuperblockLayout.VERSION_OFFSET, version);
        region.storePlain(
                start + SuperblockLayout.CHECKSUM_OFFSET,
                Superblock.checksum(index -> region.loadPlain(start + (long) index * Long.BYTES)));
    }

    private void refused(Reason reason) {
        byte[] before = region.image();
        assertThatThrownBy(() -> OpenDecision.of(region).require())
                .asInstanceOf(type(PoolOpenException.class))
                .extracting(PoolOpenException::reason)
                .isEqualTo(reason);
        assertThat(region.image()).as("media is only read").isEqualTo(before);
    }

    @Test
    void two_equal_copies_are_a_pool() {
        storeBoth();
        OpenDecision decision = OpenDecision.of(region);
        assertThat(decision.require()).isEqualTo(superblock(BYTES, 2));
        assertThat(decision.findings()).isEmpty();
    }

    @Test
    void one_copy_is_a_pool_with_a_warning() {
        for (int damaged = 0; damaged < SuperblockLayout.COPIES; damaged++) {
            storeBoth();
            region.fill(SuperblockLayout.copyOffset(damaged), 300, 0x11);
            OpenDecision decision = OpenDecision.of(region);
            assertThat(decision.require()).isEqualTo(superblock(BYTES, 2));
            assertThat(decision.findings())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING));
        }
    }

    @Test
    void zeros_and_anything_else_are_foreign() {
        refused(Reason.NOT_A_POOL);
        region.fill(0, BYTES, 'x');
        refused(Reason.NOT_A_POOL);
    }

    @Test
    void the_mark_of_a_creation_is_an_unfinished_one() {
        region.storePlain(SuperblockLayout.MAGIC_OFFSET, SuperblockLayout.CREATION_MARK);
        refused(Reason.UNFINISHED);
    }

    @Test
    void two_damaged_copies_are_damaged() {
        storeBoth();
        region.setByte(50, region.byteAt(50) ^ 1);
        region.setByte(4096 + 60, region.byteAt(4096 + 60) ^ 1);
        refused(Reason.DAMAGED);
    }

    private void storeGrowable(long capacityBytes, long maxCapacityBytes) {
        PoolGeometry geometry = new PoolGeometry(capacityBytes, maxCapacityBytes, 2, 8, 4);
        Superblock growable = new Superblock(1, 2, geometry, "some-policy", 1, List.of(5L));
        store(growable, 0);
        store(growable, 1);
        CapacityWord.store(region, capacityBytes, POINT);
    }

    @Test
    void a_pool_that_can_grow_needs_a_region_as_long_as_it_is_now() {
        storeGrowable(BYTES, 4 * BYTES);
        Superblock found = OpenDecision.of(region).require();
        assertThat(found.geometry().capacityBytes()).isEqualTo(BYTES);
        assertThat(found.geometry().maxCapacityBytes()).isEqualTo(4 * BYTES);
        assertThat(region.loadPlain(SuperblockLayout.VERSION_OFFSET)).isEqualTo(2);
        CapacityWord.store(region, BYTES + 4096, POINT);
        refused(Reason.TRUNCATED);
        CapacityWord.store(region, BYTES - 4096, POINT);
        assertThat(OpenDecision.of(region).grown()).isPresent();
    }

    @Test
    void a_capacity_above_the_largest_one_is_damaged() {
        storeGrowable(BYTES, BYTES - 4096);
        refused(Reason.DAMAGED);
    }

    @Test
    void the_first_word_of_the_capacity_decides_where_a_growth_was_cut_off() {
        storeGrowable(BYTES - 4096, 4 * BYTES);
        region.storePlain(CapacityWord.offset(0), CapacityWord.of(BYTES));
        assertThat(CapacityWord.agrees(region)).isFalse();
        assertThat(OpenDecision.of(region).require().geometry().capacityBytes()).isEqualTo(BYTES);
        assertThat(OpenDecision.of(region).findings()).isEmpty();
    }

    @Test
    void one_damaged_word_of_the_capacity_is_a_warning() {
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            for (int bit = 0; bit < Long.SIZE; bit++) {
                storeGrowable(BYTES, 4 * BYTES);
                region.storePlain(CapacityWord.offset(copy), CapacityWord.of(BYTES) ^ (1L << bit));
                OpenDecision decision = OpenDecision.of(region);
                assertThat(decision.require().geometry().capacityBytes()).isEqualTo(BYTES);
                assertThat(decision.findings()).singleElement().satisfies(finding -> {
                    assertThat(finding.code()).isEqualTo("superblock.capacity");
                    assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
                });
            }
        }
    }

    @Test
    void two_damaged_words_of_the_capacity_are_damaged_until_a_repair() {
        storeGrowable(BYTES, 4 * BYTES);
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            region.storePlain(CapacityWord.offset(copy), CapacityWord.of(BYTES) ^ 0x10000);
        }
        refused(Reason.DAMAGED);
        List<RepairItem> items = new ArrayList<>();
        assertThat(new SuperblockRepair(region, items::add).run().geometry().capacityBytes())
                .isEqualTo(BYTES);
        assertThat(items).hasSize(2);
        assertThat(OpenDecision.of(region).findings()).isEmpty();
    }

    @Test
    void two_intact_copies_that_differ_are_damaged() {
        storeBoth();
        store(superblock(BYTES, 4), 1);
        refused(Reason.DAMAGED);
    }

    @Test
    void sizes_that_leave_no_room_for_blocks_are_damaged() {
        store(superblock(8192, 2), 0);
        refused(Reason.DAMAGED);
    }

    @Test
    void a_version_above_ours_is_too_new_whatever_its_checksum() {
        storeBoth();
        for (int copy = 0; copy < SuperblockLayout.COPIES; copy++) {
            region.storePlain(
                    SuperblockLayout.copyOffset(copy) + SuperblockLayout.VERSION_OFFSET,
                    SuperblockLayout.FORMAT_VERSION + 1);
        }
        refused(Reason.TOO_NEW);
        storeVersion(0, SuperblockLayout.FORMAT_VERSION + 7);
        refused(Reason.TOO_NEW);
    }

    @Test
    void a_version_below_the_oldest_is_too_old() {
        storeBoth();
        storeVersion(0, SuperblockLayout.FORMAT_VERSION_OLDEST - 1);
        storeVersion(1, SuperblockLayout.FORMAT_VERSION_OLDEST - 1);
        refused(Reason.TOO_OLD);
    }

    @Test
    void a_region_shorter_than_the_pool_is_truncated() {
        store(superblock(2 * BYTES, 2), 0);
        refused(Reason.TRUNCATED);
    }

    @Test
    void a_region_longer_than_the_pool_is_a_pool_with_a_note() {
        store(superblock(BYTES / 2, 2), 0);
        store(superblock(BYTES / 2, 2), 1);
        OpenDecision decision = OpenDecision.of(region);
        assertThat(decision.require().geometry().capacityBytes()).isEqualTo(BYTES / 2);
        assertThat(decision.grown()).hasValueSatisfying(note -> assertThat(note).contains("fileBytes=" + BYTES));
    }

    @Test
    void a_policy_that_is_not_there_is_refused_by_name() {
        storeBoth();
        PoolProvider provider = new RecoveryPoolProvider();
        assertThat(provider.checkOn(region).refusal()).contains(Reason.NO_PROVIDER);
        assertThat(provider.checkOn(region).message()).contains("found=some-policy");
    }

    @Test
    void a_copy_is_joined_from_two_that_are_damaged_in_different_words() {
        storeBoth();
        region.setByte(50, region.byteAt(50) ^ 1);
        region.setByte(4096 + 60, region.byteAt(4096 + 60) ^ 1);
        assertThat(new SuperblockRepair(region, item -> {}).run()).isEqualTo(superblock(BYTES, 2));
        assertThat(OpenDecision.of(region).findings()).isEmpty();
    }
}
