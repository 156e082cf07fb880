package pmem.tool.trace;

import pmem.tool.common.ToolException;

/** A trace can't be read: the file is missing, or a line of it is not what the format demands. */
public final class TraceException extends ToolException {
    private static final long serialVersionUID = 1;

    TraceException(String message) {
        super(message);
    }

    TraceException(String message, Throwable cause) {
        super(message, cause);
    }

    static TraceException malformed(String source, long line, String expected, String found) {
        return new TraceException(
                "trace is malformed: file=" + source + " line=" + line + ", expected " + expected + ", found=" + found);
    }
}
