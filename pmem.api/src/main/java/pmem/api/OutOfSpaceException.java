package pmem.api;

/** No contiguous free space of the requested size and alignment is left. Nothing has changed. */
public final class OutOfSpaceException extends PmemException {
    private static final long serialVersionUID = 1;

    /** Creates the error with a message that follows the rules of {@link PmemException}. */
    public OutOfSpaceException(String message) {
        super(message);
    }
}
