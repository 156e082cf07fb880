package pmem.tool.common;

/** What the process tells its caller. */
public final class ExitCode {
    /** All that was asked for was done, and every check held. */
    public static final int OK = 0;
    /** A check failed, or a pool or a file was refused. */
    public static final int FAILED = 1;
    /** The command line is wrong. */
    public static final int USAGE = 2;

    private ExitCode() {}
}
