package pmem.testkit.property;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One step of a sequence. Blocks are named by a pick, a number that counts into whatever blocks there are when the step runs, so
 * that every part of a sequence is a sequence again and shrinking may drop any step.
 */
sealed interface Action {
    /** Does the step on the pool and on the model. */
    void perform(Execution on);

    /** Allocates; an alignment of 1 asks for none. */
    record Allocate(long bytes, long alignmentBytes) implements Action {
        @Override
        public void perform(Execution on) {
            on.allocate(bytes, alignmentBytes);
        }

        @Override
        public String toString() {
            return alignmentBytes == 1 ? "allocate(" + bytes + ")" : "allocate(" + bytes + ", " + alignmentBytes + ")";
        }
    }

    /** Allocates a block that is to be zero. */
    record AllocateZeroed(long bytes) implements Action {
        @Override
        public void perform(Execution on) {
            on.allocateZeroed(bytes);
        }

        @Override
        public String toString() {
            return "allocateZeroed(" + bytes + ")";
        }
    }

    /** Allocates a batch and frees it, twice: the second time leaves media as it was. */
    record AllocateAndFree(List<Long> sizes) implements Action {
        @Override
        public void perform(Execution on) {
            on.allocateAndFree(sizes);
        }

        @Override
        public String toString() {
            return sizes.stream().map(String::valueOf).collect(Collectors.joining(", ", "allocateAndFree(", ")"));
        }
    }

    /** Frees a live block. */
    record Free(int pick) implements Action {
        @Override
        public void perform(Execution on) {
            on.free(pick);
        }

        @Override
        public String toString() {
            return "free(#" + pick + ")";
        }
    }

    /** Frees a block that was freed before, which must be refused. */
    record FreeAgain(int pick) implements Action {
        @Override
        public void perform(Execution on) {
            on.freeAgain(pick);
        }

        @Override
        public String toString() {
            return "freeAgain(#" + pick + ")";
        }
    }

    /** Resizes a live block in place. */
    record Reallocate(int pick, long bytes) implements Action {
        @Override
        public void perform(Execution on) {
            on.reallocate(pick, bytes);
        }

        @Override
        public String toString() {
            return "reallocate(#" + pick + ", " + bytes + ")";
        }
    }

    /** Reserves. */
    record Reserve(long bytes) implements Action {
        @Override
        public void perform(Execution on) {
            on.reserve(bytes);
        }

        @Override
        public String toString() {
            return "reserve(" + bytes + ")";
        }
    }

    /** Publishes a reserved block. */
    record Publish(int pick) implements Action {
        @Override
        public void perform(Execution on) {
            on.publish(pick);
        }

        @Override
        public String toString() {
            return "publish(#" + pick + ")";
        }
    }

    /** Cancels a reserved block. */
    record Cancel(int pick) implements Action {
        @Override
        public void perform(Execution on) {
            on.cancel(pick);
        }

        @Override
        public String toString() {
            return "cancel(#" + pick + ")";
        }
    }

    /** Allocates a batch. */
    record AllocateAll(List<Long> sizes) implements Action {
        @Override
        public void perform(Execution on) {
            on.allocateAll(sizes);
        }

        @Override
        public String toString() {
            return sizes.stream().map(String::valueOf).collect(Collectors.joining(", ", "allocateAll(", ")"));
        }
    }

    /** Frees a batch of different live blocks. */
    record FreeAll(List<Integer> picks) implements Action {
        @Override
        public void perform(Execution on) {
            on.freeAll(picks);
        }

        @Override
        public String toString() {
            return picks.stream().map(pick -> "#" + pick).collect(Collectors.joining(", ", "freeAll(", ")"));
        }
    }

    /** Runs a transaction, whose body throws at its end if it gives up. */
    record Transact(List<Change> changes, boolean givesUp) implements Action {
        @Override
        public void perform(Execution on) {
            on.transact(this);
        }

        @Override
        public String toString() {
            return "transaction" + changes + (givesUp ? " that gives up" : "");
        }
    }

    /** Stores a live block under a name. */
    record SetRoot(String name, int pick) implements Action {
        @Override
        public void perform(Execution on) {
            on.setRoot(name, pick);
        }

        @Override
        public String toString() {
            return "setRoot(" + name + ", #" + pick + ")";
        }
    }

    /** Removes a name. */
    record RemoveRoot(String name) implements Action {
        @Override
        public void perform(Execution on) {
            on.removeRoot(name);
        }

        @Override
        public String toString() {
            return "removeRoot(" + name + ")";
        }
    }

    /** Fills the pool with blocks of one size, frees them, and does it again. */
    record FillDrainFill(long bytes) implements Action {
        @Override
        public void perform(Execution on) {
            on.fillDrainFill(bytes);
        }

        @Override
        public String toString() {
            return "fillDrainFill(" + bytes + ")";
        }
    }

    /** Closes the pool and opens it again. */
    record Reopen() implements Action {
        @Override
        public void perform(Execution on) {
            on.reopen();
        }

        @Override
        public String toString() {
            return "reopen";
        }
    }

    /** Opens what a process killed now would have left. */
    record CrashReopen() implements Action {
        @Override
        public void perform(Execution on) {
            on.crashAndReopen();
        }

        @Override
        public String toString() {
            return "crash and reopen";
        }
    }

    /** One change inside a transaction. */
    sealed interface Change {
        /** Asks the running transaction for the change. */
        void apply(TransactionStep on);
    }

    /** Allocates at commit. */
    record AllocateIn(long bytes) implements Change {
        @Override
        public void apply(TransactionStep on) {
            on.allocate(bytes);
        }

        @Override
        public String toString() {
            return "allocate(" + bytes + ")";
        }
    }

    /** Frees a live block at commit. */
    record FreeIn(int pick) implements Change {
        @Override
        public void apply(TransactionStep on) {
            on.free(pick);
        }

        @Override
        public String toString() {
            return "free(#" + pick + ")";
        }
    }

    /** Allocates a block and cancels it. */
    record CancelIn(long bytes) implements Change {
        @Override
        public void apply(TransactionStep on) {
            on.allocateAndCancel(bytes);
        }

        @Override
        public String toString() {
            return "cancel(allocate(" + bytes + "))";
        }
    }

    /** Sets the first word of a live block at commit. */
    record SetIn(int pick, long value) implements Change {
        @Override
        public void apply(TransactionStep on) {
            on.set(pick, value);
        }

        @Override
        public String toString() {
            return "set(#" + pick + ", " + value + ")";
        }
    }
}
