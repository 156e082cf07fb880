package pmem.recovery;

import java.util.function.Consumer;
import pmem.api.Transaction;
import pmem.api.TransactionException;
import pmem.spi.Policy;
import pmem.spi.Region;

/** Runs the bodies of transactions: commits, undoes, and makes nested ones a part of the outer one. */
final class TransactionRunner {
    private final Region region;
    private final Policy policy;
    private final CommitEngine engine;
    private final Reservations reservations;
    private final Claims claims;
    private final UndoLog log;
    private final OpenIntents intents;
    private final OpenState openState;
    // Not static: a thread may run transactions on several pools at once.
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<RecoveryTransaction> running = new ThreadLocal<>();

    TransactionRunner(
            Region region,
            Policy policy,
            CommitEngine engine,
            Reservations reservations,
            Claims claims,
            UndoLog log,
            OpenIntents intents,
            OpenState openState) {
        this.region = region;
        this.policy = policy;
        this.engine = engine;
        this.reservations = reservations;
        this.claims = claims;
        this.log = log;
        this.intents = intents;
        this.openState = openState;
    }

    /** Runs a body as a transaction, or as a part of the one that runs on this thread. */
    void run(Consumer<? super Transaction> body) {
        RecoveryTransaction outer = running.get();
        if (outer != null) {
            runNested(outer, body);
            return;
        }
        RecoveryTransaction transaction =
                new RecoveryTransaction(region, policy, engine, reservations, claims, log, intents, openState);
        running.set(transaction);
        try {
            runOutermost(transaction, body);
            openState.requireOpen();
        } finally {
            running.remove();
            transaction.leave();
        }
    }

    private static void runOutermost(RecoveryTransaction transaction, Consumer<? super Transaction> body) {
        boolean completed = false;
        try {
            body.accept(transaction);
            completed = true;
        } finally {
            if (!completed) {
                transaction.abort();
            }
        }
        transaction.commit();
    }

    // The nested body is a part of the outer one: it can't be undone alone.
    private static void runNested(RecoveryTransaction outer, Consumer<? super Transaction> body) {
        boolean completed = false;
        try {
            body.accept(outer);
            completed = true;
        } finally {
            if (!completed) {
                outer.doom();
            }
        }
    }

    /**
     * Returns if no transaction runs on this thread. One that does has a lane, and waiting for a second one could be waiting for
     * itself.
     *
     * @throws TransactionException if one does
     */
    void requireNone() {
        if (running.get() != null) {
            throw new TransactionException(
                    "a slot cannot be changed by the pool inside a transaction: use the transaction's"
                            + " allocate, free and set");
        }
    }
}
