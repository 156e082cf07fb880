package pmem.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import pmem.testkit.crash.PlantedProvider.Bug;

/**
 * Bugs that have been made in real allocators, planted in a policy under the real pool, or in what surrounds it. Each is caught
 * every time, since the search is exhaustive, and the story told is one a newcomer can follow.
 */
class PlantedBugTest {
    private static CrashExplorer explorer(Bug bug) {
        return firstOnly(CrashExplorer.of(new PlantedProvider(bug)));
    }

    // One worker takes the sequences in their order, so the first violation is always the same.
    private static CrashExplorer firstOnly(CrashExplorer explorer) {
        return explorer.workers(1).violationsMax(1).nestedDepth(1).imagesPerEpochMax(1000);
    }

    private static Violation firstOf(ExplorerReport report) {
        assertThat(report.violations()).as("violations").isNotEmpty();
        return report.violations().getFirst();
    }

    @Test
    void the_policy_without_a_bug_survives() {
        ExplorerReport report =
                explorer(Bug.NONE).length(2).threads(2).imagesMax(15_000).run(progress -> {});
        assertThat(report.violations()).isEmpty();
        assertThat(report.undeclaredPoints()).isEmpty();
        assertThat(report.pointsCovered()).contains("planted.header", "planted.created", "planted.dropped");
    }

    @Test
    void a_bit_that_is_durable_only_after_the_block_was_handed_out() {
        CrashTarget target = LateStateRegion.target(PolicyTarget.of(new PlantedProvider(Bug.NONE), Map.of(), 0));
        Violation violation =
                firstOf(firstOnly(CrashExplorer.of(target)).length(1).run(progress -> {}));
        assertThat(violation.sequence()).containsExactly("allocate small");
        assertThat(violation.inFlight()).as("the call had returned").isEmpty();
        assertThat(violation.toString())
                .contains("sequence:    allocate small")
                .contains("in flight:   nothing, every call had returned")
                .contains("fence at planted.created (thread 0): " + PlantedProvider.CREATED.sentence())
                .containsPattern(
                        "line 0x\\w+: 0 of 1 version\\(s\\) on media; word 0x\\w+ holds 0x0, its newest value is 0x1")
                .containsPattern(
                        "recovery found \\{no blocks}, expected \\{blocks 0x\\w+ .*\\(but block 0x\\w+ is missing\\)");
    }

    @Test
    void a_fence_forgotten_between_the_header_of_a_slab_and_its_table_word() {
        Violation violation = firstOf(explorer(Bug.FENCE_FORGOTTEN).length(1).run(progress -> {}));
        assertThat(violation.sequence()).containsExactly("allocate small");
        assertThat(violation.toString())
                .contains("in flight:   allocate(48, alignment 1)")
                .contains("passed:      write-back of 1 line(s) from ")
                .contains("at planted.header")
                .doesNotContain("fence at planted.header")
                .contains(
                        "recovery ended with pmem.api.PoolCorruptedException: slab 0 is in the table and its header names"
                                + " no block size, found=0")
                .contains("at PlantedPolicy.rebuild");
        assertThat(violation.media())
                .as("one line did not reach media, all others did")
                .anySatisfy(line -> assertThat(line).contains(": 0 of "))
                .anySatisfy(line -> assertThat(line).contains(": 1 of 1 "));
    }

    @Test
    void a_rebuild_that_counts_blocks_twice() {
        Violation violation =
                firstOf(explorer(Bug.DOUBLE_COUNT_ON_REBUILD).length(1).run(progress -> {}));
        assertThat(violation.sequence()).hasSize(1);
        assertThat(violation.problem())
                .contains(
                        "the verifier found [WARNING blocks.count at live blocks: expected 32 by the walk, found 64 by the counters");
    }

    @Test
    void two_threads_that_claim_the_same_block() {
        Scenario race = Scenarios.ofTwoThreads().getFirst();
        Violation violation =
                firstOf(explorer(Bug.CLAIM_NOT_ATOMIC).preemptions(1).run(race, progress -> {}));
        assertThat(violation.toString())
                .contains("thread 0: allocate | thread 1: allocate")
                .contains("a reserved block is allocated on media")
                .containsPattern("repeat with: .*switching at steps \\[\\d+]");
        assertThat(explorer(Bug.NONE).preemptions(1).run(race, progress -> {}).violations())
                .isEmpty();
    }

    @Test
    void a_random_schedule_that_fails_is_left_with_the_switches_that_matter() {
        Scenario race = Scenarios.ofThreeThreads().getFirst();
        ExplorerReport report = explorer(Bug.CLAIM_NOT_ATOMIC)
                .preemptions(0)
                .randomSchedules(50, 1)
                .run(race, progress -> {});
        Matcher order = Pattern.compile("explicit order \\[([\\d, ]+)]")
                .matcher(firstOf(report).repeat());
        assertThat(order.find()).as(firstOf(report).repeat()).isTrue();
        List<String> threads =
                Pattern.compile(", ").splitAsStream(order.group(1)).toList();
        int switches = 0;
        for (int i = 1; i < threads.size(); i++) {
            switches += threads.get(i).equals(threads.get(i - 1)) ? 0 : 1;
        }
        assertThat(switches).as("switches in %s", order.group()).isBetween(1, 3);
    }

    @Test
    void a_random_sequence_that_fails_is_left_with_the_operations_that_matter() {
        CrashTarget target = LateStateRegion.target(PolicyTarget.of(new PlantedProvider(Bug.NONE), Map.of(), 0));
        List<Operation> harmless = new ArrayList<>();
        for (String name : List.of("reserve, fill, publish", "set root", "transaction", "free oldest")) {
            harmless.add(named(name));
        }
        List<Operation> alphabet = new ArrayList<>(harmless);
        alphabet.addAll(harmless);
        alphabet.add(named("allocate small"));
        ExplorerReport report = firstOnly(CrashExplorer.of(target))
                .operations(alphabet)
                .length(0)
                .random(20, 30, 1)
                .run(progress -> {});
        Violation violation = firstOf(report);
        assertThat(violation.sequence()).containsExactly("allocate small");
        assertThat(violation.repeat())
                .containsPattern("sequence seed \\d+\\) shortened from ([2-9]|\\d\\d) operations");
    }

    /**
     * The application links a block that it has only reserved, and publishes it then. For the pool both calls are right; that
     * they belong together only the application knows, so they are one call here, as they would be in an engine that links.
     */
    @Test
    void a_link_that_is_durable_before_the_state_word() {
        Operation linked = Operation.of("link, then publish", PlantedBugTest::hasBlock, trial -> {
            Block from = trial.live().getLast();
            long bytes = trial.sizes().smallBytes();
            trial.call("link(reserved block into 0x" + Long.toHexString(from.handle()) + "), publish", () -> {
                long handle = trial.pool().reserve(bytes);
                Block holder = from.withSecond(handle);
                trial.store(holder);
                trial.pool().persist(from.handle(), 0, from.askedBytes());
                trial.pool().publish(handle);
                return List.of(linkAndBlock(holder, trial.blockOf(handle, bytes)));
            });
        });
        ExplorerReport report = explorer(Bug.NONE)
                .operations(List.of(named("allocate small"), linked))
                .length(2)
                .run(progress -> {});
        Violation violation = firstOf(report);
        assertThat(violation.sequence()).containsExactly("allocate small", "link, then publish");
        assertThat(violation.toString())
                .containsPattern("in flight:   link\\(reserved block into 0x\\w+\\), publish")
                .contains("write-back of 1 line(s)", "user.data")
                .containsPattern("content of block 0x\\w+ at offset 8 is 0x\\w+, expected 0x\\w+")
                .containsPattern("block 0x\\w+ is missing");
    }

    @Test
    void a_link_made_in_a_transaction_with_its_block_survives() {
        Operation linked = Operation.of("link in a transaction", PlantedBugTest::hasBlock, trial -> {
            Block from = trial.live().getLast();
            long bytes = trial.sizes().smallBytes();
            trial.call("transaction(allocate, link)", () -> {
                List<Change> changes = new ArrayList<>();
                trial.pool().transaction(tx -> {
                    long handle = tx.allocate(bytes);
                    tx.set(from.handle(), Long.BYTES, handle);
                    changes.add(linkAndBlock(from.withSecond(handle), trial.blockOf(handle, bytes)));
                });
                return changes;
            });
        });
        ExplorerReport report = explorer(Bug.NONE)
                .operations(List.of(named("allocate small"), linked))
                .length(2)
                .run(progress -> {});
        assertThat(report.violations()).isEmpty();
        assertThat(report.imagesOfOperation()).containsKey("link in a transaction");
    }

    private static boolean hasBlock(Trial trial) {
        return !trial.live().isEmpty();
    }

    private static Change linkAndBlock(Block holder, Block linked) {
        return new Change(List.of(), List.of(holder, linked), Map.of());
    }

    private static Operation named(String name) {
        return Operations.all().stream()
                .filter(operation -> operation.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
