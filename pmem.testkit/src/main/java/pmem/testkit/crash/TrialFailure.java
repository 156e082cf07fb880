package pmem.testkit.crash;

/** Ends a trial: something was found wrong and has been reported. */
final class TrialFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    TrialFailure(String message) {
        super(message, null, false, false);
    }
}
