package pmem.tool.advise;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import pmem.api.DurabilityDomain;
import pmem.api.Pool;
import pmem.api.PoolOptions;
import pmem.api.Size;
import pmem.tool.common.ToolException;
import pmem.tool.replay.CheckedReplay;
import pmem.tool.replay.TimedReplay;
import pmem.tool.trace.Trace;

/**
 * A candidate on a trace.
 *
 * @param candidate which
 * @param nanosPerOperation best of the timed passes
 * @param usedPerAsked peak of the used bytes, metadata included, by the peak of the bytes asked for
 * @param linesPerOperation cache lines written back
 * @param fencesPerOperation fences
 */
record Trial(
        Candidate candidate,
        double nanosPerOperation,
        double usedPerAsked,
        double linesPerOperation,
        double fencesPerOperation) {
    private static final int TIMED_PASSES = 5;
    private static final int PEAKS_PER_POOL = 4;
    private static final long CAPACITY_BYTES_MIN = Size.mib(64);

    /**
     * Replays the trace: one pass that checks and counts, then passes that are timed.
     *
     * @param file where the pool is made, one after the other
     * @throws ToolException if a check fails
     * @throws pmem.api.PmemException if the pool is refused or too small
     */
    static Trial run(Candidate candidate, Trace trace, DurabilityDomain domain, Path file) {
        long capacityBytes = Math.max(CAPACITY_BYTES_MIN, PEAKS_PER_POOL * trace.peakLiveBytes());
        PoolOptions options = candidate.applyTo(PoolOptions.createNew(capacityBytes));
        CheckedReplay.Findings findings;
        try (Pool pool = open(options.countPersists(true), domain, file)) {
            findings = CheckedReplay.run(trace, pool);
        } finally {
            delete(file);
        }
        if (findings.leakedBlocks() + findings.lostBlocks() + findings.contentErrors() > 0) {
            throw new ToolException(
                    "check failed: candidate=" + candidate.title() + " trace=" + trace.name() + " found=" + findings);
        }
        double[] nanos = new double[TIMED_PASSES];
        for (int pass = 0; pass < TIMED_PASSES; pass++) {
            try (Pool pool = open(options, domain, file)) {
                nanos[pass] = TimedReplay.nanosPerOperation(trace, pool);
            } finally {
                delete(file);
            }
        }
        Arrays.sort(nanos);
        return new Trial(
                candidate,
                nanos[0],
                (double) findings.peakUsedBytes() / trace.peakLiveBytes(),
                (double) findings.lines() / trace.operationCount(),
                (double) findings.fences() / trace.operationCount());
    }

    private static Pool open(PoolOptions options, DurabilityDomain domain, Path file) {
        return domain == DurabilityDomain.VOLATILE
                ? Pool.openVolatile(options)
                : Pool.open(file, options.durability(domain));
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw new ToolException("pool file can't be deleted: pool=" + file + ", found=" + failure, failure);
        }
    }
}
