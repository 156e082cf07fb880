package pmem.api;

import java.util.List;
import java.util.Optional;

/**
 * What {@link Pool#check} found. Nothing was changed.
 *
 * @param pool name of the pool
 * @param state the verdict
 * @param refusal why {@link Pool#open} would refuse the pool, if it would for a reason other than damaged metadata
 * @param message one sentence: what opening the pool would do, or why it can't be opened
 * @param recovery what opening the pool would report; empty if it would be refused
 * @param findings everything wrong, in the order of superblocks, log, policy, roots
 * @param parts where the parts of the pool lie; empty if no superblock can be read
 */
public record CheckReport(
        String pool,
        State state,
        Optional<PoolOpenException.Reason> refusal,
        String message,
        Optional<RecoveryReport> recovery,
        List<Finding> findings,
        List<PoolPart> parts) {
    /** The verdict on a pool. */
    public enum State {
        /** Closed properly, and nothing is wrong. */
        CLEAN,
        /** Not closed: the next open recovers it. Nothing else is wrong. */
        CRASHED,
        /** Something contradicts itself; {@link Pool#repair} may help. */
        DAMAGED,
        /** This is no pool, or one that can't be read at all; see {@link CheckReport#refusal}. */
        REFUSED
    }

    /** Takes immutable copies of the lists. */
    public CheckReport {
        findings = List.copyOf(findings);
        parts = List.copyOf(parts);
    }

    /** Whether {@link Pool#open} would open the pool as it is. */
    public boolean opens() {
        return recovery.isPresent();
    }

    /** Whether the pool opens and nothing more than notes was found. */
    public boolean isSound() {
        return opens() && findings.stream().noneMatch(Finding::isSerious);
    }

    /** One line for people. */
    @Override
    public String toString() {
        return pool + ": " + state + ", findings=" + findings.size() + "; " + message;
    }
}
