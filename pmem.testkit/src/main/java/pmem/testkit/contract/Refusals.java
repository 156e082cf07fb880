package pmem.testkit.contract;

import pmem.api.InvalidHandleException;
import pmem.api.TransactionException;

/** Turns the refusals that a lost race may end in into an answer. */
final class Refusals {
    private Refusals() {}

    /** Whether the call succeeds; false if the handle is invalid or a transaction has named it. */
    static boolean succeeds(Runnable call) {
        try {
            call.run();
            return true;
        } catch (InvalidHandleException | TransactionException refused) {
            return false;
        }
    }
}
