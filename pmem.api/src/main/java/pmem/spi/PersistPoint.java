package pmem.spi;

/**
 * The name of one place in the code that writes back or fences.
 *
 * <p>Each point has a sentence: what must be on media before what, and what recovery concludes from each half. The crash
 * explorer shows that a crash right after the point and right before it are both survived, and that leaving the point out is
 * not. Points are constants of the class that uses them.
 *
 * @param name dotted and lower-case, for example {@code bitmap.arena-created}
 * @param sentence the order it establishes and what recovery concludes
 */
public record PersistPoint(String name, String sentence) {
    @Override
    public String toString() {
        return name;
    }
}
