package pmem.bench.measure;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How long single operations took, two reads of the clock included (some 20 ns each).
 *
 * @param nanos for each of {@link #PERCENTILES} in their order
 */
@SuppressWarnings("ArrayRecordComponent") // only carried from one process to another
public record Latencies(double[] nanos) {
    /** The percentiles, ascending; the last is the slowest operation. */
    @SuppressWarnings("MutablePublicArray") // read by indices in loops, here and in the tool
    public static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 100};

    /** One line, as {@link #parse} reads it. */
    public String text() {
        return Arrays.stream(nanos).mapToObj(Double::toString).collect(Collectors.joining(" "));
    }

    /** The inverse of {@link #text}. */
    public static Latencies parse(String text) {
        return new Latencies(Arrays.stream(text.split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray());
    }
}
