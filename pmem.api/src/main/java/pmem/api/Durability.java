package pmem.api;

import java.util.List;

/**
 * How durable a pool is on the memory it was opened on.
 *
 * @param domain what a completed operation survives
 * @param writeBack how a cache line or a range starts moving to media, for example {@code clwb} or {@code msync}
 * @param fence how the pool waits until all started lines are there, for example {@code sfence}
 * @param notes sentences on fall-backs taken and why, empty when the first choice was available
 */
public record Durability(DurabilityDomain domain, String writeBack, String fence, List<String> notes) {
    /** Takes an immutable copy of the notes. */
    public Durability {
        notes = List.copyOf(notes);
    }

    /** One line for people: domain, mechanism, what is survived, and the notes. */
    @Override
    public String toString() {
        String text = domain.id() + " (write back: " + writeBack + ", fence: " + fence + "); survives: process kill "
                + yesOrNo(domain.survivesProcessKill()) + ", OS crash " + yesOrNo(domain.survivesSystemCrash())
                + ", power loss " + yesOrNo(domain.survivesPowerLoss());
        return notes.isEmpty() ? text : text + "; " + String.join("; ", notes);
    }

    private static String yesOrNo(boolean survives) {
        return survives ? "yes" : "no";
    }
}
