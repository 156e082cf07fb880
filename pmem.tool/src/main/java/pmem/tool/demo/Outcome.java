package pmem.tool.demo;

/** How an operation ended that was perhaps under way when the process was killed. */
enum Outcome {
    /** It can't have begun: it waited for another thread, or its thread has nothing to do. */
    NOT_BEGUN,
    /** The pool shows nothing of it. */
    UNDONE,
    /** The pool shows all of it. */
    DONE
}
