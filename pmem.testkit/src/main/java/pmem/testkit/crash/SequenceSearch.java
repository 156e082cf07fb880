package pmem.testkit.crash;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * All sequences of one length, in the order of their operations' numbers. Workers take the beginnings of sequences from one
 * counter, so they never meet; an operation that is not applicable skips every sequence that begins like that.
 */
final class SequenceSearch {
    private final int length;
    private final int operationCount;
    private final int beginningLength;
    private final int beginnings;
    private final AtomicInteger nextBeginning = new AtomicInteger();

    /** Runs one sequence. */
    @FunctionalInterface
    interface Runner {
        /**
         * Runs a sequence.
         *
         * @return how many of its operations were applicable, from the first on
         */
        int run(int[] sequence);
    }

    SequenceSearch(int length, int operationCount) {
        this.length = length;
        this.operationCount = operationCount;
        this.beginningLength = Math.min(2, length);
        this.beginnings = (int) Math.pow(operationCount, beginningLength);
    }

    /** Share of the work that has been taken, from 0 to 1. */
    double share() {
        return Math.min(1, (double) nextBeginning.get() / beginnings);
    }

    /** Takes beginnings until none is left or the exploration is over. */
    void work(Exploration exploration, Runner runner) {
        int beginning;
        while (!exploration.isOver() && (beginning = nextBeginning.getAndIncrement()) < beginnings) {
            int[] sequence = new int[length];
            for (int i = beginningLength - 1, rest = beginning; i >= 0; i--, rest /= operationCount) {
                sequence[i] = rest % operationCount;
            }
            do {
                int applicable = runner.run(sequence);
                for (int i = applicable + 1; i < length; i++) {
                    sequence[i] = operationCount - 1;
                }
            } while (advance(sequence) && !exploration.isOver());
        }
    }

    private boolean advance(int[] sequence) {
        for (int i = length - 1; i >= beginningLength; i--) {
            if (++sequence[i] < operationCount) {
                return true;
            }
            sequence[i] = 0;
        }
        return false;
    }
}
