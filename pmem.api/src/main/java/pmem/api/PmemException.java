package pmem.api;

/**
 * Every error a pool reports, apart from plain wrong arguments ({@link IllegalArgumentException}).
 *
 * <p>Messages say what failed, what was expected, what was found, facts as {@code key=value} (offsets hexadecimal, sizes
 * decimal), and the remedy where there is one.
 */
public abstract sealed class PmemException extends RuntimeException
        permits InvalidHandleException,
                OutOfSpaceException,
                PoolClosedException,
                PoolCorruptedException,
                PoolIoException,
                PoolOpenException,
                TransactionException {
    private static final long serialVersionUID = 1;

    PmemException(String message) {
        super(message);
    }

    PmemException(String message, Throwable cause) {
        super(message, cause);
    }
}
