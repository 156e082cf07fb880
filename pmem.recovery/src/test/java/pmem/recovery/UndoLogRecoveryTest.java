package pmem.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pmem.api.PoolCorruptedException;
import pmem.spi.HeapRegion;
import pmem.spi.StateField;

class UndoLogRecoveryTest {
    private static final long LOW_BYTE = 0xff;
    private final PoolGeometry geometry = new PoolGeometry(1 << 16, 2, 4, 1);
    private final long first = geometry.policyStartOffset();
    private final long second = first + 64;
    private final HeapRegion region = new HeapRegion(1 << 16);

    @BeforeEach
    void give_the_words_their_old_values() {
        region.storePlain(first, 0x1111);
        region.storePlain(second, 0x2222);
    }

    @Test
    void a_complete_set_of_entries_puts_every_old_value_back() {
        log(0, 2, 0, first);
        log(0, 2, 1, second);
        region.storePlain(first, 0x1100);
        UndoLogRecovery recovery = recover();
        assertThat(region.loadPlain(first)).isEqualTo(0x1111);
        assertThat(region.loadPlain(second)).isEqualTo(0x2222);
        assertThat(recovery.operationsRolledBack()).isEqualTo(1);
        assertThat(recovery.wordsRestored()).isEqualTo(2);
    }

    @Test
    void bits_outside_the_mask_keep_what_others_stored_since() {
        log(0, 1, 0, first);
        region.storePlain(first, 0x9900);
        recover();
        assertThat(region.loadPlain(first)).isEqualTo(0x9911);
    }

    @Test
    void an_incomplete_set_undoes_nothing_and_cannot_complete_the_next_one() {
        log(0, 2, 1, second);
        recover();
        assertThat(region.loadPlain(second)).isEqualTo(0x2222);
        region.storePlain(second, 0x22aa);
        log(0, 2, 0, first);
        recover();
        assertThat(region.loadPlain(second))
                .as("the entry of the first operation must be dead")
                .isEqualTo(0x22aa);
    }

    @Test
    void running_again_changes_no_word() {
        log(0, 1, 0, first);
        region.storePlain(first, 0x1100);
        recover();
        region.storePlain(first, 0x1177);
        assertThat(recover().operationsRolledBack()).isZero();
        assertThat(region.loadPlain(first)).isEqualTo(0x1177);
    }

    @Test
    void two_live_entries_for_one_bit_are_damage() {
        log(0, 1, 0, first);
        log(1, 1, 0, first);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("bits named by one live entry only")
                .hasMessageContaining("target=0x" + Long.toHexString(first));
    }

    @Test
    void a_destroyed_entry_of_an_operation_that_had_begun_is_damage() {
        log(0, 2, 0, first);
        log(0, 2, 1, second);
        region.storePlain(first, 0x1133);
        region.storePlain(UndoLogLayout.entryOffset(geometry.laneOffset(0), 1), 99);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("lane=0")
                .hasMessageContaining("a changed word at 0x" + Long.toHexString(first));
        assertThat(region.loadPlain(first)).as("nothing is changed").isEqualTo(0x1133);
    }

    @Test
    void a_field_that_a_refused_free_had_cleared_is_set_again() {
        log(0, 2, 0, first);
        region.storePlain(first, 0x1100);
        recover();
        assertThat(region.loadPlain(first)).isEqualTo(0x1111);
    }

    @Test
    void an_entry_that_names_a_word_outside_the_policy_space_is_damage() {
        new UndoLog(region, geometry).writeUndo(0, 0, 0, 8, LOW_BYTE, 0);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("target=0x8");
    }

    @Test
    void an_intent_whose_slot_has_changed_is_finished() {
        intent(0, first, 0x77);
        region.storePlain(first, 0x77);
        UndoLogRecovery recovery = recover();
        assertThat(region.loadPlain(second))
                .as("published field set, freed field clear")
                .isEqualTo(0x2205);
        assertThat(recovery.operationsFinished()).isEqualTo(1);
        assertThat(recovery.operationsRolledBack()).isZero();
    }

    @Test
    void an_intent_whose_slot_has_not_changed_is_undone_whatever_of_its_fields_is_on_media() {
        intent(0, first, 0x77);
        region.storePlain(second, 0x2205);
        UndoLogRecovery recovery = recover();
        assertThat(region.loadPlain(second))
                .as("published field clear, freed field set")
                .isEqualTo(0x2230);
        assertThat(recovery.operationsFinished()).isZero();
        assertThat(recovery.operationsRolledBack()).isEqualTo(1);
    }

    // The header of an operation left open need not be on media when the entries of the next one are.
    @Test
    void entries_of_the_operation_after_an_open_one_do_not_come_to_life() {
        UndoLog log = intent(0, first, 0x1111);
        log.storeRetirement(0);
        log.writeIntent(0, first, 0x99, StateField.of(second, 0, 4), 5, StateField.NONE, 0);
        region.storePlain(geometry.laneOffset(0), 0);
        recover();
        region.storePlain(second, 0x2225);
        assertThat(recover().wordsRestored()).isZero();
        assertThat(region.loadPlain(second)).isEqualTo(0x2225);
    }

    @Test
    void a_word_that_was_never_durable_is_no_damage_beside_a_missing_entry() {
        UndoLog log = new UndoLog(region, geometry);
        region.storePlain(first, 5);
        log.writeSnapshot(PoolPoints.LOG_ENTRIES, 0, 0, 1, first, 1);
        region.storePlain(first, 3);
        assertThat(recover().operationsRolledBack()).isZero();
        assertThat(region.loadPlain(first)).isEqualTo(3);
    }

    @Test
    void a_retired_intent_changes_nothing() {
        UndoLog log = intent(0, first, 0x77);
        log.storeRetirement(0);
        region.storePlain(first, 0x77);
        assertThat(recover().wordsRestored()).isZero();
        assertThat(region.loadPlain(second)).isEqualTo(0x2222);
    }

    @Test
    void an_intent_after_an_open_retirement_that_is_missing_stays_dead() {
        long headerOffset = geometry.laneOffset(0) + UndoLogLayout.SEQUENCE_OFFSET;
        long header = region.loadPlain(headerOffset);
        UndoLog log = intent(0, first, 0x77);
        region.storePlain(first, 0x77);
        log.storeRetirement(0);
        log.writeIntent(0, first, 0, StateField.NONE, 0, StateField.of(second, 4, 4), 3);
        // The next intent's line has reached media, the retirement before it has not.
        region.storePlain(headerOffset, header);
        recover();
        region.storePlain(second, 0x2205);
        assertThat(recover().wordsRestored()).isZero();
        assertThat(region.loadPlain(second)).isEqualTo(0x2205);
    }

    @Test
    void snapshotted_words_get_their_old_values_back() {
        UndoLog log = new UndoLog(region, geometry);
        log.writeSnapshot(PoolPoints.LOG_SNAPSHOT, 1, 0, 1, first, 5);
        log.writeSnapshot(PoolPoints.LOG_SNAPSHOT, 1, 1, 0, first + 5 * Long.BYTES, 2);
        for (int i = 0; i < 7; i++) {
            region.storePlain(first + (long) i * Long.BYTES, -1);
        }
        assertThat(recover().wordsRestored()).isEqualTo(7);
        assertThat(region.loadPlain(first)).isEqualTo(0x1111);
        assertThat(region.loadPlain(first + 6 * Long.BYTES)).isZero();
    }

    @Test
    void an_incomplete_group_after_a_complete_one_is_left_alone() {
        UndoLog log = new UndoLog(region, geometry);
        log.writeSnapshot(PoolPoints.LOG_SNAPSHOT, 0, 0, 0, first, 1);
        log.writeUndo(0, 2, 0, second, LOW_BYTE, 0x22);
        region.storePlain(first, 9);
        assertThat(recover().wordsRestored()).isEqualTo(1);
        assertThat(region.loadPlain(first)).isEqualTo(0x1111);
    }

    @Test
    void entries_missing_from_a_group_that_another_follows_are_damage() {
        UndoLog log = new UndoLog(region, geometry);
        log.writeSnapshot(PoolPoints.LOG_SNAPSHOT, 0, 0, 1, first, 1);
        log.writeSnapshot(PoolPoints.LOG_SNAPSHOT, 0, 2, 0, second, 1);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("all entries of a group that others follow");
    }

    // The published field is the low four bits of the second word, the freed one the next four.
    private UndoLog intent(int lane, long slot, long newValue) {
        UndoLog log = new UndoLog(region, geometry);
        log.writeIntent(lane, slot, newValue, StateField.of(second, 0, 4), 5, StateField.of(second, 4, 4), 3);
        return log;
    }

    @Test
    void a_damaged_header_is_reported_with_its_lane() {
        region.storePlain(geometry.laneOffset(1), 0xbad0001);
        assertThatThrownBy(this::recover)
                .isInstanceOf(PoolCorruptedException.class)
                .hasMessageContaining("lane=1");
    }

    private void log(int lane, int count, int index, long target) {
        new UndoLog(region, geometry)
                .writeUndo(lane, index, count - 1 - index, target, LOW_BYTE, region.loadPlain(target) & LOW_BYTE);
    }

    private UndoLogRecovery recover() {
        UndoLogRecovery recovery = new UndoLogRecovery(region, geometry);
        recovery.run();
        return recovery;
    }
}
