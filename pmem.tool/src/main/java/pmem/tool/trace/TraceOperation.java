package pmem.tool.trace;

/** The kinds of operation a trace records. A trace holds them as packed arrays, see {@link Trace}. */
public final class TraceOperation {
    /** {@code a ID BYTES THREAD}: a new object of this size. */
    public static final byte ALLOCATE = 0;
    /** {@code r ID BYTES THREAD}: the object gets this size and keeps its content up to the smaller one. */
    public static final byte REALLOCATE = 1;
    /** {@code f ID THREAD}: the object is gone. */
    public static final byte FREE = 2;

    private TraceOperation() {}
}
