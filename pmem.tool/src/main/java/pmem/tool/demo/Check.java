package pmem.tool.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.tool.trace.BlockContent;
import pmem.tool.trace.TraceOperation;

/**
 * Compares a pool with the model of what was acknowledged.
 *
 * <p>Assumption: each thread had at most one operation in flight, its next one. Guarantee: no fault is found if and only if the
 * live blocks are exactly the acknowledged ones with all their bytes, changed by some of the operations in flight, each of them
 * wholly done or wholly undone. A block is told by its content, so a chance of 2^-8 a byte is left that a block of a few bytes
 * is taken for another one of the same bytes; the acknowledged ones are told by their handles as well.
 */
final class Check {
    private static final int DETAILS_MAX = 20;

    private final Model model;
    private final HeapImage heap;
    private final List<WalkedBlock> blocks = new ArrayList<>();
    private final List<String> details = new ArrayList<>();
    private long contentBytes;
    private int lost;
    private int leaked;
    private int overlaps;
    private int contentErrors;
    private int verifyFindings;
    private int statisticsMismatches;

    private Check(Model model, HeapImage heap) {
        this.model = model;
        this.heap = heap;
    }

    /**
     * Checks the pool.
     *
     * @param killed whether threads were at work when the pool was left; else nothing may be in flight
     */
    static CheckResult run(Model model, HeapImage heap, boolean killed) {
        return new Check(model, heap).run(killed);
    }

    private CheckResult run(boolean killed) {
        heap.forEachBlock((handle, usableBytes) -> blocks.add(new WalkedBlock(handle, usableBytes)));
        blocks.sort(Comparator.comparingLong(block -> block.handle));
        checkOverlaps();
        List<InFlight> inFlight = killed ? inFlight() : List.of();
        checkAcknowledged(inFlight);
        explain(inFlight);
        checkFigures();
        int threads = model.plan().threadCount();
        List<Outcome> outcomes = new ArrayList<>(Collections.nCopies(threads, Outcome.NOT_BEGUN));
        List<Long> handles = new ArrayList<>(Collections.nCopies(threads, Handles.NONE));
        for (InFlight operation : inFlight) {
            outcomes.set(operation.thread(), operation.outcome());
            handles.set(operation.thread(), operation.newHandle());
        }
        return new CheckResult(
                blocks.size(),
                contentBytes,
                lost,
                leaked,
                overlaps,
                contentErrors,
                verifyFindings,
                statisticsMismatches,
                outcomes,
                handles,
                details);
    }

    private void checkOverlaps() {
        for (int i = 1; i < blocks.size(); i++) {
            WalkedBlock before = blocks.get(i - 1);
            WalkedBlock block = blocks.get(i);
            if (before.handle + before.usableBytes > block.handle) {
                overlaps++;
                detail("blocks overlap: block=" + text(before) + " next=" + text(block));
            }
        }
    }

    private List<InFlight> inFlight() {
        List<InFlight> operations = new ArrayList<>();
        for (int thread = 0; thread < model.plan().threadCount(); thread++) {
            if (model.canRun(thread)) {
                operations.add(new InFlight(model, thread));
            }
        }
        return operations;
    }

    private void checkAcknowledged(List<InFlight> inFlight) {
        boolean[] undecided = new boolean[model.plan().objectCount()];
        for (InFlight operation : inFlight) {
            undecided[operation.object()] = true;
        }
        for (int object = 0; object < undecided.length; object++) {
            if (model.isLive(object) && !undecided[object]) {
                checkAcknowledged(object);
            }
        }
    }

    private void checkAcknowledged(int object) {
        long handle = model.handle(object);
        long bytes = model.bytes(object);
        Optional<WalkedBlock> found = find(handle);
        if (found.isEmpty() || !heap.isLive(handle)) {
            lost++;
            detail("acknowledged block is lost: handle=" + Handles.format(handle) + " bytes=" + bytes + ", found "
                    + (found.isEmpty() ? "no such block in the walk" : "a block that is not live by its handle"));
            found.ifPresent(block -> block.explained = true);
            return;
        }
        WalkedBlock block = found.get();
        if (block.explained) {
            overlaps++;
            detail("two acknowledged objects have one handle: block=" + text(block));
        } else if (!holds(block, bytes, model.contentKey(object))) {
            contentErrors++;
            detail("acknowledged block has wrong content: block=" + text(block) + " bytes=" + bytes);
        }
        block.explained = true;
    }

    /** Finds what the operations in flight left, and counts the blocks that nobody explains. */
    private void explain(List<InFlight> inFlight) {
        List<WalkedBlock> unexplained =
                blocks.stream().filter(block -> !block.explained).toList();
        for (WalkedBlock block : unexplained) {
            for (InFlight operation : inFlight) {
                operation.offer(block, this::holds);
            }
        }
        lost += new Explanation(inFlight).choose();
        for (InFlight operation : inFlight) {
            if (operation.isLost()) {
                detail("moved block is lost: expected the old or the new one, found neither, old handle="
                        + Handles.format(operation.oldHandle()));
            }
        }
        for (WalkedBlock block : unexplained) {
            if (!block.explained) {
                countUnexplained(block, inFlight);
            }
        }
    }

    private void countUnexplained(WalkedBlock block, List<InFlight> inFlight) {
        boolean old = inFlight.stream()
                .anyMatch(operation -> operation.kind() != TraceOperation.ALLOCATE
                        && operation.oldHandle() == block.handle
                        && !operation.holdsOld());
        if (old) {
            contentErrors++;
            detail("block whose free or move was in flight has wrong content: block=" + text(block));
        } else {
            leaked++;
            detail("live block is explained by no operation: block=" + text(block));
        }
    }

    private void checkFigures() {
        for (Finding finding : heap.verify()) {
            verifyFindings++;
            detail("verification: " + finding);
        }
        if (heap.countedBlocks() != blocks.size()) {
            statisticsMismatches++;
            detail("statistics are wrong: expected liveBlocks=" + blocks.size() + " as in the walk, found="
                    + heap.countedBlocks());
        }
    }

    private boolean holds(WalkedBlock block, long bytes, long contentKey) {
        contentBytes += bytes;
        return block.usableBytes >= bytes && BlockContent.matches(heap.segment(block.handle), bytes, contentKey);
    }

    private Optional<WalkedBlock> find(long handle) {
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (blocks.get(middle).handle < handle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        boolean found = low < blocks.size() && blocks.get(low).handle == handle;
        return found ? Optional.of(blocks.get(low)) : Optional.empty();
    }

    private static String text(WalkedBlock block) {
        return Handles.format(block.handle) + "+" + block.usableBytes;
    }

    private void detail(String sentence) {
        if (details.size() < DETAILS_MAX) {
            details.add(sentence);
        }
    }
}
