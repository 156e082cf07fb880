package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import pmem.testkit.region.Mutation;
import pmem.testkit.region.Mutation.Kind;

/**
 * The histories in which an entry that has outlived its operation would undo what came after it. Each survives; with the one
 * write-back or fence left out that makes the entry dead in time, each is caught.
 */
class StaleIntentTest {
    private static final String SETTLED = "link.settled";

    @Test
    void a_slot_that_the_application_stores_to_as_soon_as_it_may() {
        assertNeeded("link.retired", "allocate small", "publish to slot", "application clears slot");
    }

    @Test
    void a_published_block_that_is_freed_by_its_handle() {
        assertNeeded(SETTLED, "publish to root", "free oldest");
    }

    @Test
    void a_freed_block_whose_space_is_used_again() {
        assertNeeded(SETTLED, "publish to root", "unlink root", "allocate all that is left");
    }

    @Test
    void a_slot_in_memory_that_is_freed_and_used_again() {
        assertNeeded(SETTLED, "allocate small", "publish to link", "free oldest", "allocate all that is left");
    }

    @Test
    void two_replaces_at_one_slot() {
        assertNeeded(SETTLED, "publish to root", "replace at root", "remove root");
    }

    @Test
    void a_link_that_a_transaction_sets() {
        assertNeeded(SETTLED, "allocate small", "publish to link", "transaction");
    }

    @Test
    void a_root_that_is_set_by_other_means() {
        assertNeeded(SETTLED, "publish to root", "remove root");
    }

    @Test
    void a_lane_that_a_transaction_takes_over() {
        assertNeeded("log.entries", "publish to root", "transaction");
    }

    @Test
    void an_acknowledged_transaction_that_would_be_rolled_back() {
        assertNeeded("log.retired", "allocate small", "transaction");
    }

    @Test
    void a_block_freed_in_a_group_whose_space_is_used_again() {
        assertNeeded(
                "group.sync",
                "close, open with group commit",
                "allocate large",
                "sync",
                "free oldest",
                "allocate all that is left");
    }

    @Test
    void an_intent_left_open_by_one_thread_that_two_others_meet() {
        ExplorerReport report = explorer("publish to root", "free shared", "unlink shared", "replace shared")
                .length(3)
                .threads(2)
                .run(progress -> {});
        assertThat(report.violations()).isEmpty();
        assertThat(report.twoThreadedImages()).isPositive();
        ExplorerReport spoiled = explorer("publish to root", "free shared", "unlink shared", "replace shared")
                .length(3)
                .threads(2)
                .mutating(new Mutation(SETTLED, Kind.FENCE))
                .run(progress -> {});
        assertThat(spoiled.violations()).isNotEmpty();
    }

    private static CrashExplorer explorer(String... operations) {
        List<String> names = List.of(operations);
        return CrashExplorer.of("bitmap")
                .operations(Operations.all().stream()
                        .filter(operation -> names.contains(operation.name()))
                        .toList())
                .nestedDepth(0)
                .imagesPerEpochMax(2000)
                .imagesMax(60_000)
                .violationsMax(1);
    }

    private static void assertNeeded(String point, String... history) {
        CrashExplorer explorer = explorer(history).length(history.length);
        assertThat(explorer.run(progress -> {}).violations()).as("intact").isEmpty();
        // A fence that settles may be followed by another one of the thread, which completes what it had written back.
        Kind kind = point.equals(SETTLED) ? Kind.WRITE_BACK : Kind.FENCE;
        assertThat(explorer.mutating(new Mutation(point, kind))
                        .run(progress -> {})
                        .violations())
                .as("without the %s at %s", kind, point)
                .isNotEmpty();
    }
}
