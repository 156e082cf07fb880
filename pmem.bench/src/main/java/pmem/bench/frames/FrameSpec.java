package pmem.bench.frames;

/**
 * A benchmark with its figures.
 *
 * @param bench which
 * @param frames frames of all threads; of {@link FrameBench#FILLING} those that fill the pool
 * @param frameBytes size of a frame
 * @param threads how many threads share them
 * @param percent level the pool is filled to before, of {@link FrameBench#FILLING} only; at most 80
 */
public record FrameSpec(FrameBench bench, int frames, long frameBytes, int threads, int percent) {
    /** Checks the figures. */
    public FrameSpec {
        if (frames < threads || threads < 1 || frameBytes < 1 || percent < 0 || percent > 80) {
            throw new IllegalArgumentException(
                    "benchmark of frames is not possible: expected frames >= threads >= 1 and percent of 0 to 80, found frames="
                            + frames + " threads=" + threads + " frameBytes=" + frameBytes + " percent=" + percent);
        }
    }

    /** One word each, as {@link #parse} reads it. */
    public String text() {
        return bench.id() + " " + frames + " " + frameBytes + " " + threads + " " + percent;
    }

    /** The inverse of {@link #text}. */
    public static FrameSpec parse(String text) {
        String[] words = text.split(" ", -1);
        return new FrameSpec(
                FrameBench.ofId(words[0]),
                Integer.parseInt(words[1]),
                Long.parseLong(words[2]),
                Integer.parseInt(words[3]),
                Integer.parseInt(words[4]));
    }
}
