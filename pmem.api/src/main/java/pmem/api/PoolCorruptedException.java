package pmem.api;

/** The media contradicts itself: a checksum, a state word or a log entry holds what no run of the protocol writes. */
public final class PoolCorruptedException extends PmemException {
    private static final long serialVersionUID = 1;

    /** Creates the error with a message that follows the rules of {@link PmemException}. */
    public PoolCorruptedException(String message) {
        super(message);
    }

    /** Creates the error with a message and the failure it follows from. */
    public PoolCorruptedException(String message, Throwable cause) {
        super(message, cause);
    }
}
