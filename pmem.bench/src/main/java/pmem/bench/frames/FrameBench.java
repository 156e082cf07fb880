package pmem.bench.frames;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The benchmarks there are. */
public enum FrameBench {
    /** Each thread allocates its frames, then frees them. */
    BULK,
    /** Each thread allocates a frame and frees it, again and again. */
    REPEAT,
    /** Each thread frees a random one of its frames and allocates one. */
    RANDOM,
    /** Each thread allocates and frees a tenth of the pool above a level it is filled to. */
    FILLING;

    /** The name in results. */
    public String id() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether single calls alternate, so that allocations and frees are not timed apart: half of a pair stands for each. */
    public boolean alternates() {
        return this == REPEAT || this == RANDOM;
    }

    /**
     * The benchmark with this id.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static FrameBench ofId(String id) {
        return Arrays.stream(values())
                .filter(bench -> bench.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown benchmark of frames: expected one of "
                        + Arrays.stream(values()).map(FrameBench::id).collect(Collectors.joining(", ")) + ", found="
                        + id));
    }
}
