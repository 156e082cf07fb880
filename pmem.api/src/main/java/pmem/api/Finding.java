package pmem.api;

/**
 * One thing {@link Pool#verify()} or {@link Pool#check} found wrong.
 *
 * @param severity how bad it is
 * @param code what kind of finding it is, for programs, for example {@code log.header}; see docs/media-format.md
 * @param place where, for people, for example {@code lane 3} or {@code page=31}
 * @param offset where on media: offset of the first byte concerned from the start of the pool, or {@link #NO_OFFSET}
 * @param expected what the format demands there
 * @param found what is there
 */
public record Finding(Severity severity, String code, String place, long offset, String expected, String found) {
    /** The finding is about volatile structures, or about the pool as a whole. */
    public static final long NO_OFFSET = -1;
    /** A root names no live block: the application freed it and kept the name, or one of the two is damaged. */
    public static final String DANGLING_ROOT = "root.dangling";
    /** The code of findings whose reporter gives none. */
    public static final String UNCLASSIFIED = "policy.unclassified";

    /** How bad a finding is. */
    public enum Severity {
        /** Healed or without consequence. */
        NOTE,
        /** Space, redundancy or a name is lost, no block is in danger. */
        WARNING,
        /** Blocks are in danger; stop writing to the pool. */
        ERROR
    }

    /** A finding without code and offset, for volatile structures. */
    public Finding(Severity severity, String place, String expected, String found) {
        this(severity, UNCLASSIFIED, place, NO_OFFSET, expected, found);
    }

    /** Whether this is more than a note. */
    public boolean isSerious() {
        return severity != Severity.NOTE;
    }

    @Override
    public String toString() {
        String where = offset == NO_OFFSET ? place : place + " mediaOffset=0x" + Long.toHexString(offset);
        return severity + " " + code + " at " + where + ": expected " + expected + ", found " + found;
    }
}
