package pmem.bench.open;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one open of a crashed pool cost, in milliseconds of time passed unless said otherwise.
 *
 * @param workMillis processor time of all threads of the program until the first block was handed out; what other processes on the machine do
 *     lengthens the time passed and not this
 *
 * @param openMillis from the call of {@code Pool.open} to its return
 * @param logMillis part of it: reading and retiring the log
 * @param rebuildMillis part of it: rebuilding what the policy keeps in memory
 * @param firstAllocationMillis the first {@code allocate} after it
 * @param walkMillis one {@code forEachBlock} over all blocks after that
 */
public record OpenCost(
        double workMillis,
        double openMillis,
        double logMillis,
        double rebuildMillis,
        double firstAllocationMillis,
        double walkMillis) {
    /** Until the first block was handed out. */
    public double readyMillis() {
        return openMillis + firstAllocationMillis;
    }

    /** What is neither log nor rebuild: file, lock, mapping, superblock, fences. */
    public double otherMillis() {
        return openMillis - logMillis - rebuildMillis;
    }

    /** The part-wise medians of several opens. */
    static OpenCost median(List<OpenCost> costs) {
        return partwise(costs, costs.size() / 2);
    }

    /** The part-wise least of several opens. */
    static OpenCost best(List<OpenCost> costs) {
        return partwise(costs, 0);
    }

    private static OpenCost partwise(List<OpenCost> costs, int rank) {
        return new OpenCost(
                ranked(costs, OpenCost::workMillis, rank),
                ranked(costs, OpenCost::openMillis, rank),
                ranked(costs, OpenCost::logMillis, rank),
                ranked(costs, OpenCost::rebuildMillis, rank),
                ranked(costs, OpenCost::firstAllocationMillis, rank),
                ranked(costs, OpenCost::walkMillis, rank));
    }

    private static double ranked(List<OpenCost> costs, ToDoubleFunction<OpenCost> part, int rank) {
        double[] values = costs.stream().mapToDouble(part).toArray();
        Arrays.sort(values);
        return values[rank];
    }
}
