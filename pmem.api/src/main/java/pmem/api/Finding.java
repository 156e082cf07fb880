package pmem.api;

/**
 * One thing {@link Pool#verify()} found wrong.
 *
 * @param severity how bad it is
 * @param place where, for example {@code lane 3} or {@code page 0x1f}
 * @param expected what the format demands there
 * @param found what is there
 */
public record Finding(Severity severity, String place, String expected, String found) {
    /** How bad a finding is. */
    public enum Severity {
        /** Healed or without consequence. */
        NOTE,
        /** Space or redundancy is lost, no block is in danger. */
        WARNING,
        /** Blocks are in danger; stop writing to the pool. */
        ERROR
    }

    @Override
    public String toString() {
        return severity + " at " + place + ": expected " + expected + ", found " + found;
    }
}
