package pmem.spi.extent;

/**
 * How much an owner that nobody calls gives up, by how many looks in a row have found it idle: 1, 2, 4, 8 and so on. So one that rests for a
 * moment keeps nearly everything, and one that nobody needs any more is soon empty.
 */
public final class IdleSteps {
    private static final int DOUBLINGS_MAX = Integer.SIZE - 2;

    private IdleSteps() {}

    /**
     * How many are due at a look.
     *
     * @param idleLooks looks in a row that have found nobody calling, this one among them
     * @param most at least 0
     * @return 0 for no such look, else at most {@code most}
     */
    public static int due(long idleLooks, int most) {
        return idleLooks <= 0 ? 0 : Math.min(most, 1 << Math.min(idleLooks - 1, DOUBLINGS_MAX));
    }
}
