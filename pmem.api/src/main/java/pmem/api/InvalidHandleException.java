package pmem.api;

/** The handle does not name a live block: it is free, foreign, inside a block, or misaligned. Media is untouched. */
public final class InvalidHandleException extends PmemException {
    private static final long serialVersionUID = 1;

    /** Creates the error with a message that follows the rules of {@link PmemException}. */
    public InvalidHandleException(String message) {
        super(message);
    }
}
