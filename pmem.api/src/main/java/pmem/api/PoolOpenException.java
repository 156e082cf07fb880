package pmem.api;

/** A pool could not be opened or created. Nothing on media has changed; {@link #reason()} tells programs why. */
public final class PoolOpenException extends PmemException {
    private static final long serialVersionUID = 1;

    /** Why a pool could not be opened or created. */
    public enum Reason {
        /** There is no file at the path, and creation was not asked for. */
        NOT_FOUND,
        /** There is a pool already, and a new one was asked for. */
        EXISTS,
        /** The path names a directory or another thing that cannot hold a pool. */
        NOT_A_FILE,
        /** The file is not a pool: it does not begin with a superblock. */
        NOT_A_POOL,
        /** The file was begun as a pool and its creation never finished. */
        UNFINISHED,
        /** The pool was written by a newer release. */
        TOO_NEW,
        /** The pool was written by a release this one no longer reads. */
        TOO_OLD,
        /** Both superblock copies are damaged. */
        DAMAGED,
        /** The file is shorter than its superblock says. */
        TRUNCATED,
        /** The asked capacity cannot hold the metadata and one block. */
        TOO_SMALL,
        /** Another process, or this one, has the pool open. */
        LOCKED,
        /** The file system has no room for the pool. */
        NO_SPACE,
        /** The file or its directory may not be read or written. */
        NO_PERMISSION,
        /** The file system is mounted read-only. */
        READ_ONLY,
        /** No provider of the pool's policy, of regions, or of pools is on the module path. */
        NO_PROVIDER,
        /** The options contradict what the pool records. */
        OPTIONS_MISMATCH,
        /** The durability domain asked for is not available there. */
        DURABILITY_UNAVAILABLE,
        /** Another failure of the operating system; the message has its text. */
        SYSTEM
    }

    private final Reason reason;

    /** Creates the error with its reason and a message that follows the rules of {@link PmemException}. */
    public PoolOpenException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Creates the error with its reason, a message and the failure it follows from. */
    public PoolOpenException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why the pool could not be opened. */
    public Reason reason() {
        return reason;
    }
}
