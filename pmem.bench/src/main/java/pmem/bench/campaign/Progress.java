package pmem.bench.campaign;

/** Is told how far a campaign is. */
@FunctionalInterface
public interface Progress {
    /**
     * A step begins.
     *
     * @param done steps done
     * @param total steps in all
     * @param what the step, for people
     */
    void step(long done, long total, String what);
}
