package pmem.tool.demo;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import pmem.tool.trace.TraceOperation;

/**
 * Finds how the operations in flight ended so that the fewest blocks stay unexplained: a depth-first search over the outcomes of
 * each operation, which stops at the first explanation without a fault.
 *
 * <p>A search rather than one rule for each operation, because they meet: the place that one thread's free has just left may
 * hold the block of another thread's allocation. With n threads there are at most 3^n combinations to try, and only if something
 * is wrong; else the first try succeeds, or nearly.
 */
final class Explanation {
    private record Choice(Outcome outcome, List<WalkedBlock> trace) {}

    private final List<InFlight> operations;
    private final Set<WalkedBlock> candidates = new HashSet<>();
    private final Set<WalkedBlock> used = new HashSet<>();
    private final List<Choice> chosen = new ArrayList<>();
    private List<Choice> best = List.of();
    private int bestFaults = Integer.MAX_VALUE;
    private int bestLost;

    Explanation(List<InFlight> operations) {
        this.operations = operations;
        for (InFlight operation : operations) {
            candidates.addAll(operation.oldCandidates());
            candidates.addAll(operation.newCandidates());
        }
    }

    /** Concludes every operation and returns how many moves left neither block. */
    int choose() {
        search(0);
        for (int i = 0; i < operations.size(); i++) {
            operations.get(i).conclude(best.get(i).outcome(), best.get(i).trace());
        }
        return bestLost;
    }

    private void search(int lost) {
        int undecided = operations.size() - chosen.size();
        int unexplained = candidates.size() - used.size();
        if (lost + Math.max(0, unexplained - undecided) >= bestFaults) {
            return;
        }
        if (undecided == 0) {
            bestFaults = lost + unexplained;
            bestLost = lost;
            best = List.copyOf(chosen);
            return;
        }
        InFlight operation = operations.get(chosen.size());
        for (WalkedBlock block : operation.oldCandidates()) {
            tryWith(new Choice(Outcome.UNDONE, List.of(block)), lost);
        }
        for (WalkedBlock block : operation.newCandidates()) {
            tryWith(new Choice(Outcome.DONE, List.of(block)), lost);
        }
        // Without a block that shows it, a free is done, an allocation undone, and a move has lost the object.
        Outcome silent = operation.kind() == TraceOperation.FREE ? Outcome.DONE : Outcome.UNDONE;
        tryWith(new Choice(silent, List.of()), lost + (operation.kind() == TraceOperation.REALLOCATE ? 1 : 0));
    }

    private void tryWith(Choice choice, int lost) {
        if (choice.trace().stream().anyMatch(used::contains)) {
            return;
        }
        used.addAll(choice.trace());
        chosen.add(choice);
        search(lost);
        chosen.removeLast();
        choice.trace().forEach(used::remove);
    }
}
