package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pmem.spi.HeapRegion;
import pmem.spi.Region;
import pmem.spi.extent.OwnerLock;
import pmem.testkit.region.ForwardingRegion;

/**
 * The one thread of a biased lock beside another that wants in, in every order of their steps with up to three switches; the bias is taken
 * away and comes back meanwhile.
 */
class OwnerLockRacesTest {
    private static final int SWITCHES_MAX = 3;
    private static final int REGION_BYTES = 4096;

    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    @AfterEach
    void stopThreads() {
        executor.close();
    }

    /** A lock, and who is inside. */
    private static final class Guarded {
        private final Region region;
        private final OwnerLock lock;
        private int inside;
        private boolean met;
        private int passes;
        private int fences;

        Guarded(Runnable step, Runnable stepAside, int aloneMax) {
            region = new ForwardingRegion(new ScheduledRegion(new HeapRegion(REGION_BYTES), step, stepAside)) {
                @Override
                public boolean fenceOthers() {
                    fences++;
                    return super.fenceOthers();
                }
            };
            lock = OwnerLock.ofOneThread(region, aloneMax);
            fences = 0;
        }

        void stay() {
            met |= ++inside != 1;
            region.step("inside");
            inside--;
            passes++;
        }

        void enter() {
            lock.enter();
            stay();
            lock.exit();
        }

        void lock() {
            lock.lock();
            stay();
            lock.unlock();
        }

        void tryLock() {
            if (lock.tryLock()) {
                stay();
                lock.unlock();
            }
        }
    }

    private interface Bodies {
        Runnable[] of(Guarded guarded);
    }

    private void run(int aloneMax, int leastPasses, Bodies bodies) {
        new PreemptionSearch(2, SWITCHES_MAX, () -> false).run(schedule -> {
            Interleaver interleaver = new Interleaver(schedule, 2);
            Guarded guarded = new Guarded(interleaver::step, interleaver::stepAside, aloneMax);
            interleaver.run(executor, bodies.of(guarded));
            assertThat(guarded.met).as("both were inside at once, %s", schedule).isFalse();
            assertThat(guarded.passes).isGreaterThanOrEqualTo(leastPasses);
            return interleaver.steps();
        });
    }

    @ParameterizedTest(name = "biased again after {0} times alone")
    @ValueSource(ints = {0, 1, 64})
    void one_is_inside_at_a_time(int aloneMax) {
        run(aloneMax, 5, guarded -> new Runnable[] {
            () -> {
                guarded.enter();
                guarded.enter();
                guarded.enter();
            },
            () -> {
                guarded.lock();
                guarded.lock();
            }
        });
    }

    @ParameterizedTest(name = "biased again after {0} times alone")
    @ValueSource(ints = {0, 1})
    void one_is_inside_at_a_time_where_the_other_does_not_wait(int aloneMax) {
        run(aloneMax, 4, guarded -> new Runnable[] {
            () -> {
                guarded.enter();
                guarded.enter();
                guarded.enter();
            },
            () -> {
                guarded.tryLock();
                guarded.lock();
                guarded.tryLock();
            }
        });
    }

    @Test
    void while_the_one_thread_rests_only_the_first_who_comes_in_needs_a_fence() {
        Guarded guarded = new Guarded(() -> {}, () -> {}, 64);
        guarded.enter();
        for (int i = 0; i < 10; i++) {
            guarded.lock();
            guarded.tryLock();
        }
        assertThat(guarded.fences).isEqualTo(1);
        guarded.enter();
        guarded.lock();
        assertThat(guarded.fences).isEqualTo(1);
    }

    @Test
    void the_bias_is_back_when_the_one_thread_has_come_often_enough() {
        Guarded guarded = new Guarded(() -> {}, () -> {}, 2);
        guarded.lock();
        guarded.enter();
        guarded.enter();
        guarded.lock();
        assertThat(guarded.fences).as("came too seldom").isEqualTo(1);
        guarded.enter();
        guarded.enter();
        guarded.enter();
        guarded.lock();
        assertThat(guarded.fences).isEqualTo(2);
    }
}
