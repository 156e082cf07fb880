package pmem.api;

/** The operating system failed to move data to the device. The pool makes no further promise; reopen it. */
public final class PoolIoException extends PmemException {
    private static final long serialVersionUID = 1;

    /** Creates the error with a message that follows the rules of {@link PmemException}. */
    public PoolIoException(String message) {
        super(message);
    }

    /** Creates the error with a message and the failure it follows from. */
    public PoolIoException(String message, Throwable cause) {
        super(message, cause);
    }
}
