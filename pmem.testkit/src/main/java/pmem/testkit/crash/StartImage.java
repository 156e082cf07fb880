package pmem.testkit.crash;

import pmem.testkit.region.SimulatedRegion;

/** Media of a pool from which sequences start. */
final class StartImage {
    private final long[] words;
    private final long hash;

    private StartImage(long[] words) {
        this.words = words;
        this.hash = SimulatedRegion.hashOf(words);
    }

    /** What a region holds now. */
    static StartImage of(SimulatedRegion region) {
        return new StartImage(region.words());
    }

    /** The words, not to be changed. */
    long[] words() {
        return words;
    }

    /** Their hash. */
    long hash() {
        return hash;
    }
}
