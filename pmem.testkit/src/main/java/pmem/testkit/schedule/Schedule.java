package pmem.testkit.schedule;

import java.util.Arrays;
import java.util.Random;

/** Decides which thread goes on. Used by one {@link Interleaver} at a time, for one run; a new run needs a new schedule. */
@FunctionalInterface
public interface Schedule {
    /**
     * Chooses a thread.
     *
     * @param step how many steps have been taken by all threads; 0 before the first
     * @param running the thread that stops here; 0 at step 0
     * @param threads how many threads there are
     * @return the thread that takes the next step; if it has ended or waits for a lock, another one goes on
     */
    int next(int step, int running, int threads);

    /** The thread for each step; after the last one given, the running thread goes on. */
    static Schedule explicit(int... threadOfStep) {
        int[] order = threadOfStep.clone();
        return new Schedule() {
            @Override
            public int next(int step, int running, int threads) {
                return step < order.length ? order[step] : running;
            }

            @Override
            public String toString() {
                return "explicit order " + Arrays.toString(order);
            }
        };
    }

    /** One thread begins and runs until it ends, except that at the given steps the next thread goes on. */
    static Schedule switchingAt(int first, int... steps) {
        int[] switches = steps.clone();
        return new Schedule() {
            @Override
            public int next(int step, int running, int threads) {
                int current = step == 0 ? first : running;
                return Arrays.stream(switches).anyMatch(at -> at == step) ? (current + 1) % threads : current;
            }

            @Override
            public String toString() {
                return "thread " + first + " first, switching at steps " + Arrays.toString(switches);
            }
        };
    }

    /** A switch at each step with a probability of one in eight, from a seed. */
    static Schedule random(long seed) {
        Random random = new Random(seed);
        return new Schedule() {
            @Override
            public int next(int step, int running, int threads) {
                return step == 0 || random.nextInt(8) == 0 ? random.nextInt(threads) : running;
            }

            @Override
            public String toString() {
                return "random order of seed " + seed;
            }
        };
    }
}
