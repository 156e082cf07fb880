package pmem.tool.common;

/** A command can't do what it was asked; the message is the one line the user gets, and the exit code is 1. */
public class ToolException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Creates the error with its message. */
    public ToolException(String message) {
        super(message);
    }

    /** Creates the error with its message and the failure it follows from. */
    public ToolException(String message, Throwable cause) {
        super(message, cause);
    }
}
