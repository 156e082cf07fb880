package pmem.testkit.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import pmem.api.BlockVisitor;
import pmem.api.CheckReport;
import pmem.api.Finding;
import pmem.api.Pool;
import pmem.api.PoolCorruptedException;
import pmem.api.PoolOptions;
import pmem.api.RepairReport;
import pmem.spi.PoolProvider;
import pmem.spi.Providers;
import pmem.spi.Region;
import pmem.testkit.property.ForwardingPool;

/** The fuzzer notices pools that answer wrongly. */
class ImageFuzzerTest {
    private static final PoolProvider RIGHT = Providers.only(PoolProvider.class);

    /** Stands in for one method of the provider; empty to let the right one answer. */
    private interface Fault {
        Optional<Object> answer(String method, Object[] arguments);
    }

    private static FuzzReport fuzz(Fault fault) {
        PoolProvider faulty = (PoolProvider) Proxy.newProxyInstance(
                ImageFuzzerTest.class.getClassLoader(),
                new Class<?>[] {PoolProvider.class},
                (proxy, method, arguments) -> {
                    Optional<Object> answer = fault.answer(method.getName(), arguments);
                    if (answer.isPresent()) {
                        return answer.get();
                    }
                    try {
                        return method.invoke(RIGHT, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
        // Image 300 is a flipped bit in one of the superblock copies of the first pool.
        return ImageFuzzer.of("bitmap").provider(faulty).threads(1).only(300);
    }

    private static void assertNoticed(String problem, Fault fault) {
        FuzzReport report = fuzz(fault);
        assertThat(report.count(Verdict.WRONG)).as(report.toString()).isPositive();
        assertThat(report.failures().getFirst()).contains(problem, "seed=1", "image ");
    }

    private static Pool open(Object[] arguments) {
        return RIGHT.openOn((Region) arguments[0], (PoolOptions) arguments[1]);
    }

    @Test
    void right_answers_are_not_wrong() {
        FuzzReport report = fuzz((method, arguments) -> Optional.empty());
        assertThat(report.images()).isPositive();
        assertThat(report.failures()).isEmpty();
    }

    @Test
    void the_same_number_is_the_same_image() {
        DamagePlan plan = new DamagePlan(BaseImages.of(RIGHT, "buddy"), 7);
        for (long index : new long[] {0, plan.exhaustiveCount() - 1, plan.exhaustiveCount() + 1234}) {
            assertThat(plan.image(index).words()).isEqualTo(plan.image(index).words());
            assertThat(plan.image(index)).hasToString(plan.image(index).toString());
        }
    }

    @Test
    void a_block_that_vanishes_is_noticed() {
        assertNoticed(
                "though its metadata was not damaged",
                (method, arguments) -> method.equals("openOn")
                        ? Optional.of(new ForwardingPool(open(arguments)) {
                            @Override
                            public void forEachBlock(BlockVisitor visitor) {
                                boolean[] first = {true};
                                super.forEachBlock((handle, bytes) -> {
                                    if (!first[0]) {
                                        visitor.visit(handle, bytes);
                                    }
                                    first[0] = false;
                                });
                            }
                        })
                        : Optional.empty());
    }

    @Test
    void an_untyped_error_is_noticed() {
        assertNoticed("no typed answer: java.lang.ArrayIndexOutOfBoundsException", (method, arguments) -> {
            if (method.equals("openOn")) {
                throw new ArrayIndexOutOfBoundsException(-1);
            }
            return Optional.empty();
        });
    }

    @Test
    void a_loop_without_end_is_noticed() {
        assertNoticed("no end after", (method, arguments) -> {
            while (method.equals("openOn")) {
                ((Region) arguments[0]).loadPlain(0);
            }
            return Optional.empty();
        });
    }

    @Test
    void a_refusal_that_check_did_not_foretell_is_noticed() {
        assertNoticed("check says the pool opens, and open refuses it", (method, arguments) -> {
            if (method.equals("openOn")) {
                throw new PoolCorruptedException("no");
            }
            return Optional.empty();
        });
    }

    @Test
    void a_check_that_stores_is_noticed() {
        assertNoticed("check stored to the region", (method, arguments) -> {
            if (method.equals("checkOn")) {
                Region region = (Region) arguments[0];
                region.storePlain(0, region.loadPlain(0));
            }
            return Optional.empty();
        });
    }

    @Test
    void a_finding_of_verify_that_check_did_not_report_is_noticed() {
        assertNoticed(
                "verify reports what check did not",
                (method, arguments) -> method.equals("openOn")
                        ? Optional.of(new ForwardingPool(open(arguments)) {
                            @Override
                            public List<Finding> verify() {
                                return List.of(new Finding(Finding.Severity.NOTE, "place", "a", "b"));
                            }
                        })
                        : Optional.empty());
    }

    @Test
    void a_repair_that_does_nothing_is_noticed() {
        assertNoticed("check and repair disagree", (method, arguments) -> {
            if (!method.equals("repairOn")) {
                return Optional.empty();
            }
            CheckReport report = RIGHT.checkOn((Region) arguments[0]);
            return Optional.of(new RepairReport(
                    RepairReport.Outcome.NOT_NEEDED, "all is well", List.of(), report, report, Optional.empty()));
        });
    }
}
