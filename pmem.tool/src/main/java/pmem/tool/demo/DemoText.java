package pmem.tool.demo;

import java.util.List;
import java.util.StringJoiner;
import pmem.api.DurabilityDomain;
import pmem.api.Size;
import pmem.tool.trace.TraceOperation;

/** The sentences of the demo. */
final class DemoText {
    private DemoText() {}

    /** How each operation in flight ended; the model is still the one before them. */
    static String inFlight(Model model, CheckResult check) {
        StringJoiner text = new StringJoiner(", ", "in flight: ", "").setEmptyValue("nothing in flight");
        for (int thread = 0; thread < check.outcomes().size(); thread++) {
            Outcome outcome = check.outcomes().get(thread);
            if (outcome != Outcome.NOT_BEGUN) {
                text.add("thread " + thread + " " + operation(model, thread) + " "
                        + (outcome == Outcome.DONE ? "done" : "not done"));
            }
        }
        return text.toString();
    }

    private static String operation(Model model, int thread) {
        ReplayPlan plan = model.plan();
        long position = model.position(thread);
        int object = plan.object(thread, position);
        return switch (plan.kind(thread, position)) {
            case TraceOperation.ALLOCATE -> "allocate " + plan.bytes(object, model.version(object) + 1);
            case TraceOperation.REALLOCATE ->
                "move " + model.bytes(object) + " to " + plan.bytes(object, model.version(object) + 1);
            default -> "free " + model.bytes(object);
        };
    }

    static String checked(CheckResult check) {
        String figures = check.blocks() + " blocks, " + Size.format(check.contentBytes()) + " compared: ";
        return figures + (check.faults() == 0 ? "all right" : check.faults() + " FAULTS");
    }

    /** What to do when the demo proved the contrary. */
    static List<String> faulty() {
        return List.of(
                "What this shows: a check FAILED, so something acknowledged was lost or damaged, or something leaked; see above.",
                "The run of that policy ended there. With --pool its file is kept for a closer look.");
    }

    /** What the demo proves if every check held, and what not. */
    static List<String> meaning(DurabilityDomain durability) {
        return List.of(
                "What this shows: real processes, killed by SIGKILL at arbitrary moments while several threads allocate, move and",
                "free. Every operation that was acknowledged before the kill was found, with every byte of every block; every",
                "operation in flight was found wholly done or wholly undone; no other block exists, so nothing leaked.",
                "What it does not show: a process kill loses no store, because the kernel keeps the mapped pages. Whether",
                "write-backs and fences stand in the right places for a power failure is proved by the crash explorer of",
                "pmem.testkit, not here. Durability asked for: " + durability.id() + ".");
    }
}
