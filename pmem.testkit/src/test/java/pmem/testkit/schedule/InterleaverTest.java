package pmem.testkit.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import pmem.spi.Region;
import pmem.testkit.region.SimulatedRegion;

class InterleaverTest {
    private static final long LOST_WHEN_INTERLEAVED = 1;

    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    @AfterEach
    void stopThreads() {
        executor.close();
    }

    /** Two threads add one to a word without care; returns the word. */
    private long carelessSum(Schedule schedule) {
        Interleaver interleaver = new Interleaver(schedule, 2);
        Region region = new ScheduledRegion(SimulatedRegion.zeroed(64), interleaver::step);
        Runnable body = () -> region.storePlain(0, region.loadPlain(0) + 1);
        interleaver.run(executor, body, body);
        return region.loadPlain(0);
    }

    @Test
    void without_a_switch_one_thread_follows_the_other() {
        assertThat(carelessSum(Schedule.switchingAt(0))).isEqualTo(2);
        assertThat(carelessSum(Schedule.switchingAt(1))).isEqualTo(2);
    }

    @Test
    void a_switch_between_load_and_store_loses_an_update() {
        assertThat(carelessSum(Schedule.switchingAt(0, 2))).isEqualTo(LOST_WHEN_INTERLEAVED);
        assertThat(carelessSum(Schedule.explicit(0, 0, 1, 1, 1, 0))).isEqualTo(LOST_WHEN_INTERLEAVED);
    }

    @Test
    void the_same_seed_gives_the_same_order_each_time() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(order(Schedule.random(seed))).isEqualTo(order(Schedule.random(seed)));
        }
    }

    private List<Integer> order(Schedule schedule) {
        Interleaver interleaver = new Interleaver(schedule, 2);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        interleaver.run(executor, stepping(interleaver, order, 0), stepping(interleaver, order, 1));
        return order;
    }

    private static Runnable stepping(Interleaver interleaver, List<Integer> order, int thread) {
        return () -> {
            for (int i = 0; i < 20; i++) {
                interleaver.step();
                order.add(thread);
            }
        };
    }

    @Test
    void a_thread_that_needs_a_lock_of_a_stopped_one_lets_it_go_on() {
        ReentrantLock lock = new ReentrantLock();
        Interleaver interleaver = new Interleaver(Schedule.switchingAt(0, 1), 2);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        Runnable[] bodies = new Runnable[2];
        for (int i = 0; i < 2; i++) {
            Runnable stepping = stepping(interleaver, order, i);
            bodies[i] = () -> {
                lock.lock();
                try {
                    stepping.run();
                } finally {
                    lock.unlock();
                }
            };
        }
        interleaver.run(executor, bodies);
        assertThat(order.subList(0, 20)).containsOnly(0);
        assertThat(order.subList(20, 40)).containsOnly(1);
    }

    @Test
    void a_thread_that_spins_on_a_word_lets_the_other_change_it() {
        Interleaver interleaver = new Interleaver(Schedule.switchingAt(0), 2);
        Region region = new ScheduledRegion(SimulatedRegion.zeroed(64), interleaver::step);
        interleaver.run(
                executor,
                () -> {
                    while (region.loadAcquire(0) == 0) {
                        Thread.onSpinWait();
                    }
                },
                () -> region.storeRelease(0, 1));
        assertThat(region.loadPlain(0)).isEqualTo(1);
    }

    @Test
    void a_failure_of_a_body_is_reported() {
        Interleaver interleaver = new Interleaver(Schedule.switchingAt(0), 2);
        assertThatThrownBy(() -> interleaver.run(
                        executor,
                        () -> {
                            throw new IllegalArgumentException("planted");
                        },
                        interleaver::step))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("planted");
    }
}
