package pmem.spi;

/**
 * One parameter of a policy: a number a user may choose when a pool is created, recorded in the pool.
 *
 * @param name as in {@code arenaBytes}; the unit is part of it
 * @param defaultValue taken when the user says nothing
 * @param min smallest allowed value
 * @param max largest allowed value
 * @param powerOfTwo whether only powers of two are allowed
 * @param description one sentence for {@code pmem policies}
 * @param earlierValue what a pool has that was created before there was the parameter
 */
public record PolicyParameter(
        String name, long defaultValue, long min, long max, boolean powerOfTwo, String description, long earlierValue) {

    /** A parameter that pools have had since there is the policy, or whose default does for earlier ones. */
    public PolicyParameter(String name, long defaultValue, long min, long max, boolean powerOfTwo, String description) {
        this(name, defaultValue, min, max, powerOfTwo, description, defaultValue);
    }

    /**
     * Checks a value against range and kind.
     *
     * @throws IllegalArgumentException if it does not fit
     */
    public long check(String policyId, long value) {
        if (value < min || value > max || (powerOfTwo && Long.bitCount(value) != 1)) {
            throw new IllegalArgumentException(
                    "policy parameter is out of range: policy=" + policyId + " parameter=" + name + ", expected "
                            + (powerOfTwo ? "a power of two from " : "") + min + " to " + max + ", found=" + value);
        }
        return value;
    }
}
