package pmem.api;

/**
 * One thing {@link Pool#repair} does, or would do.
 *
 * @param action what is done
 * @param finding what was found wrong
 * @param result what is there afterwards, and what that means for blocks
 */
public record RepairItem(Action action, Finding finding, String result) {
    /** What is done about a finding. */
    public enum Action {
        /** The damaged thing is made what it was, from a copy or by what its checksum allows. */
        REWRITTEN,
        /** A thing that was not found any more is found again: an extent, or a root under another name. */
        REATTACHED,
        /** A stray bit or name is cleared; no block is lost by it. */
        CLEARED,
        /** The damaged thing is given up, and with it the blocks the result names. */
        DROPPED,
        /** The thing stays as it is although it contradicts another one, which is dropped. */
        KEPT
    }

    @Override
    public String toString() {
        return action + ": " + finding + "; " + result;
    }
}
