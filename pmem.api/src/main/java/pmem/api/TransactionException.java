package pmem.api;

/** A transaction can't be carried out: it is larger than a log lane, or names a block another one has changed. It was undone. */
public final class TransactionException extends PmemException {
    private static final long serialVersionUID = 1;

    /** Creates the error with a message that follows the rules of {@link PmemException}. */
    public TransactionException(String message) {
        super(message);
    }
}
