package pmem.bench.frames;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What one iteration cost.
 *
 * @param allocate nanoseconds an allocation
 * @param free nanoseconds a free
 * @param initMillis opening the pool, once for the process
 * @param totalMillis the iteration, what is not timed included
 */
public record FrameCost(Spread allocate, Spread free, double initMillis, double totalMillis) {
    /**
     * Over the threads.
     *
     * @param min the mean of the fastest thread
     * @param avg the mean of all
     * @param max the mean of the slowest thread
     */
    public record Spread(double min, double avg, double max) {
        static Spread of(double[] means) {
            return new Spread(
                    Arrays.stream(means).min().orElse(0),
                    Arrays.stream(means).average().orElse(0),
                    Arrays.stream(means).max().orElse(0));
        }
    }

    /** One line, as {@link #parse} reads it. */
    public String text() {
        return Arrays.stream(new double[] {
                    allocate.min, allocate.avg, allocate.max, free.min, free.avg, free.max, initMillis, totalMillis
                })
                .mapToObj(Double::toString)
                .collect(Collectors.joining(" "));
    }

    /** The inverse of {@link #text}. */
    public static FrameCost parse(String text) {
        double[] figures = Arrays.stream(text.split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
        return new FrameCost(
                new Spread(figures[0], figures[1], figures[2]),
                new Spread(figures[3], figures[4], figures[5]),
                figures[6],
                figures[7]);
    }
}
