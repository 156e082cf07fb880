package pmem.testkit.vm;

/**
 * One step of a worker.
 *
 * @param kind what it does
 * @param id the trace's name of the block
 * @param bytes size of the new block; 0 for a free
 */
record Operation(Kind kind, int id, int bytes) {
    /** What an operation does. */
    enum Kind {
        /** Makes a block. */
        ALLOCATE,
        /** Replaces a block by one of another size. */
        REPLACE,
        /** Frees a block. */
        FREE
    }

    boolean makesBlock() {
        return kind != Kind.FREE;
    }
}
