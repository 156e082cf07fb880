package pmem.api;

/** The pool was closed before or while the operation ran; whether the operation took effect is undecided. */
public final class PoolClosedException extends PmemException {
    private static final long serialVersionUID = 1;

    /** Creates the error with a message that follows the rules of {@link PmemException}. */
    public PoolClosedException(String message) {
        super(message);
    }
}
