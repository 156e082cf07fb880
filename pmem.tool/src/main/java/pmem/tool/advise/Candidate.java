package pmem.tool.advise;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import pmem.api.PoolOptions;
import pmem.spi.PolicyParameter;
import pmem.spi.PolicyProvider;

/**
 * A policy with at most one parameter that differs from its default.
 *
 * @param policy id of the policy
 * @param parameter name of the parameter, if one differs
 * @param value its value
 */
record Candidate(String policy, Optional<String> parameter, OptionalLong value) {
    // Far enough from the default to make a difference, near enough to be sensible.
    private static final long FACTOR = 4;

    /** The policy as it comes. */
    static Candidate plain(String policy) {
        return new Candidate(policy, Optional.empty(), OptionalLong.empty());
    }

    /** The policy as it comes, and with each parameter a step smaller and a step larger where that is allowed. */
    static List<Candidate> of(PolicyProvider policy) {
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(plain(policy.id()));
        for (PolicyParameter parameter : policy.parameters()) {
            long usual = parameter.defaultValue();
            long smaller = usual / FACTOR;
            long larger = usual == 0 ? 1 : usual * FACTOR;
            for (long value : new long[] {smaller, larger}) {
                if (value != usual && allowed(parameter, value)) {
                    candidates.add(new Candidate(policy.id(), Optional.of(parameter.name()), OptionalLong.of(value)));
                }
            }
        }
        return candidates;
    }

    private static boolean allowed(PolicyParameter parameter, long value) {
        return value >= parameter.min()
                && value <= parameter.max()
                && (!parameter.powerOfTwo() || Long.bitCount(value) == 1);
    }

    PoolOptions applyTo(PoolOptions options) {
        PoolOptions chosen = options.policy(policy);
        return parameter.isPresent() ? chosen.policyParameter(parameter.get(), value.orElseThrow()) : chosen;
    }

    /** As in {@code bitmap pageBytes=16384}. */
    String title() {
        return parameter
                .map(name -> policy + " " + name + "=" + value.orElseThrow())
                .orElse(policy);
    }
}
