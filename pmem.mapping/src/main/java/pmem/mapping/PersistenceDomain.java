package pmem.mapping;

/** How far a store must have come to survive a power cut, as the platform's firmware says of a persistent memory. */
enum PersistenceDomain {
    /** The processor's caches are flushed by stored energy (eADR): a store that has left the store buffer survives. */
    CPU_CACHE("cpu_cache"),
    /** The memory controller is (ADR): a line must have been written back. */
    MEMORY_CONTROLLER("memory_controller"),
    /** Nothing is said; what holds everywhere is to write lines back. */
    UNKNOWN("unknown");

    private final String id;

    PersistenceDomain(String id) {
        this.id = id;
    }

    /** The name the kernel and our reports use. */
    String id() {
        return id;
    }

    /** The domain of a text in sysfs; whatever is not known here promises nothing. */
    static PersistenceDomain ofId(String text) {
        for (PersistenceDomain domain : values()) {
            if (domain.id.equals(text)) {
                return domain;
            }
        }
        return UNKNOWN;
    }

    /** What memory made of two kinds promises. */
    PersistenceDomain weaker(PersistenceDomain other) {
        return compareTo(other) < 0 ? other : this;
    }
}
