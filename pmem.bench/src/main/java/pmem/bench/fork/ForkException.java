package pmem.bench.fork;

/** A child could not do what it was asked; the message is the reason, one line. */
public final class ForkException extends Exception {
    private static final long serialVersionUID = 1;

    /** Creates the error with its message. */
    public ForkException(String message) {
        super(message);
    }

    /** Creates the error with its message and the failure it follows from. */
    public ForkException(String message, Throwable cause) {
        super(message, cause);
    }
}
