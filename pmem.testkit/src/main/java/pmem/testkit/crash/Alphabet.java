package pmem.testkit.crash;

import java.util.List;

/**
 * Operations of which all sequences are tried. Several small alphabets reach longer sequences than one that has everything;
 * what their operations do to each other is left to random sequences over all of them.
 *
 * @param name for progress
 * @param operations the operations
 * @param oneThread whether sequences of one thread are tried
 * @param twoThreads whether sequences whose last two operations run at the same time are tried
 */
record Alphabet(String name, List<Operation> operations, boolean oneThread, boolean twoThreads) {
    Alphabet {
        operations = List.copyOf(operations);
    }

    /** The alphabets for a set of operations: themes if these are all there are, else the set itself. */
    static List<Alphabet> of(List<Operation> operations) {
        return operations.equals(Operations.all())
                ? Operations.themes()
                : List.of(new Alphabet("operations", operations, true, true));
    }
}
