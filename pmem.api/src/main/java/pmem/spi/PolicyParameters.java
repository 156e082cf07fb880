package pmem.spi;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** The values of all parameters of one policy, checked, in the order the policy declares them. Immutable. */
public final class PolicyParameters {
    private final List<PolicyParameter> declared;
    private final long[] values;

    private PolicyParameters(List<PolicyParameter> declared, long[] values) {
        this.declared = declared;
        this.values = values;
    }

    /**
     * Defaults, with the given ones in their place.
     *
     * @throws IllegalArgumentException if a name is unknown or a value out of its range
     */
    public static PolicyParameters of(PolicyProvider policy, Map<String, Long> chosen) {
        List<PolicyParameter> declared = policy.parameters();
        long[] values = new long[declared.size()];
        int used = 0;
        for (int i = 0; i < values.length; i++) {
            PolicyParameter parameter = declared.get(i);
            Long value = chosen.get(parameter.name());
            used += value == null ? 0 : 1;
            values[i] = value == null ? parameter.defaultValue() : parameter.check(policy.id(), value);
        }
        if (used != chosen.size()) {
            throw new IllegalArgumentException("unknown policy parameter: policy=" + policy.id() + ", expected some of "
                    + declared.stream().map(PolicyParameter::name).toList() + ", found=" + chosen.keySet());
        }
        return new PolicyParameters(declared, values);
    }

    /**
     * Values as a pool recorded them. A pool made before a parameter was declared has no value for it; it takes the default,
     * so parameters are only ever added at the end, with a default that such a pool can live with.
     *
     * @throws IllegalArgumentException if their number or one of them does not fit the policy
     */
    public static PolicyParameters recorded(PolicyProvider policy, List<Long> values) {
        List<PolicyParameter> declared = policy.parameters();
        if (declared.size() < values.size()) {
            throw new IllegalArgumentException("recorded policy parameters do not fit: policy=" + policy.id()
                    + ", expected at most " + declared.size() + " values, found=" + values.size());
        }
        long[] checked = new long[declared.size()];
        for (int i = 0; i < checked.length; i++) {
            PolicyParameter parameter = declared.get(i);
            checked[i] = i < values.size() ? parameter.check(policy.id(), values.get(i)) : parameter.defaultValue();
        }
        return new PolicyParameters(declared, checked);
    }

    /** The value of a parameter the policy declares. */
    public long get(String name) {
        for (int i = 0; i < values.length; i++) {
            if (declared.get(i).name().equals(name)) {
                return values[i];
            }
        }
        throw new IllegalArgumentException("undeclared policy parameter: found=" + name);
    }

    /** All values in declared order, for recording. */
    public List<Long> values() {
        return Arrays.stream(values).boxed().toList();
    }

    /** As {@code {name=value, ...}}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "{", "}");
        for (int i = 0; i < values.length; i++) {
            text.add(declared.get(i).name() + "=" + values[i]);
        }
        return text.toString();
    }
}
