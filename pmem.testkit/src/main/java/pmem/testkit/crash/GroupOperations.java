package pmem.testkit.crash;

import java.util.List;

/** What concerns pools that make changes durable in groups: opening one, and its flush. */
final class GroupOperations {
    private GroupOperations() {}

    static List<Operation> all() {
        return List.of(
                NamedOperation.alone("close, open with group commit", trial -> trial.reopen(true)),
                NamedOperation.alone("sync", Trial::isGrouped, Trial::sync));
    }
}
