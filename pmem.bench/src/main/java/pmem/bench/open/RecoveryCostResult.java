package pmem.bench.open;

import java.util.List;

/**
 * What {@link RecoveryCost} found.
 *
 * @param settings what was measured
 * @param opens the opens that count, in order
 */
public record RecoveryCostResult(RecoveryCostSettings settings, List<OpenCost> opens) {
    /** Takes an immutable copy of the opens. */
    public RecoveryCostResult {
        opens = List.copyOf(opens);
    }

    /** The part-wise median. */
    public OpenCost median() {
        return OpenCost.median(opens);
    }

    /** The part-wise best. */
    public OpenCost best() {
        return OpenCost.best(opens);
    }
}
