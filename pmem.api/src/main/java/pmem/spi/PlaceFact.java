package pmem.spi;

/**
 * One thing that is known of a place where a pool could be, or of the machine as far as pools care.
 *
 * @param name what it is about, for example {@code persistence domain}
 * @param value what was found
 * @param remedy what could be done to have it better; empty if nothing needs to be done
 */
public record PlaceFact(String name, String value, String remedy) {
    /** A fact that needs no remedy. */
    public PlaceFact(String name, String value) {
        this(name, value, "");
    }
}
