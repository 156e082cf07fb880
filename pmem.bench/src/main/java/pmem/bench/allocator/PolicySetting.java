package pmem.bench.allocator;

import java.util.LinkedHashMap;
import java.util.Map;
import pmem.api.PoolOptions;

/**
 * A policy with parameters other than the defaults.
 *
 * @param policy its id
 * @param parameters values by name
 */
public record PolicySetting(String policy, Map<String, Long> parameters) {
    /**
     * Reads what the tables show: the id, then {@code name=number} for each parameter.
     *
     * @throws IllegalArgumentException if it is not that
     */
    public static PolicySetting parse(String text) {
        String[] words = text.split(" ", -1);
        Map<String, Long> parameters = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            String[] pair = words[i].split("=", -1);
            if (pair.length != 2) {
                throw new IllegalArgumentException(
                        "policy is not readable: expected ID name=number ..., found=" + text);
            }
            parameters.put(pair[0], Long.valueOf(pair[1]));
        }
        return new PolicySetting(words[0], parameters);
    }

    /** Options for a new pool with this policy. */
    public PoolOptions in(PoolOptions options) {
        PoolOptions chosen = options.policy(policy);
        for (Map.Entry<String, Long> parameter : parameters.entrySet()) {
            chosen = chosen.policyParameter(parameter.getKey(), parameter.getValue());
        }
        return chosen;
    }
}
