package pmem.tool.common;

import java.util.List;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;

/** What {@code --policy} names: one policy by its id, or all that are on the module path. */
public final class PolicyChoice {
    /** Stands for every policy on the module path. */
    public static final String ALL = "all";

    private PolicyChoice() {}

    /**
     * The ids chosen.
     *
     * @throws IllegalArgumentException if there is no such policy; the message lists those there are
     */
    public static List<String> idsOf(String choice) {
        List<String> known =
                Providers.policies().stream().map(PolicyProvider::id).toList();
        if (choice.equals(ALL) && !known.isEmpty()) {
            return known;
        }
        if (!known.contains(choice)) {
            throw new IllegalArgumentException(
                    "unknown policy: expected " + ALL + " or one of " + known + ", found=" + choice);
        }
        return List.of(choice);
    }
}
