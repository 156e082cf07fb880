package pmem.tool.report;

import java.util.ArrayList;
import java.util.List;
import pmem.api.Handles;
import pmem.api.Size;

/**
 * A picture of a pool: equal stretches of it, each with the share of its bytes that belong to live blocks. Not thread-safe while
 * blocks are added.
 */
public final class HeapMap {
    /** Stretches in one line of the picture. */
    public static final int COLUMNS = 64;
    /** Lines of the picture. */
    public static final int ROWS = 12;

    private static final char[] SHADES_UNICODE = {'\u00b7', '\u2591', '\u2592', '\u2593', '\u2588'};
    private static final char[] SHADES_ASCII = {'.', ':', '+', '%', '#'};

    private final long capacityBytes;
    private final long cellBytes;
    private final long[] usedBytes = new long[COLUMNS * ROWS];

    /** An empty picture of a pool of this size. */
    public HeapMap(long capacityBytes) {
        this.capacityBytes = capacityBytes;
        this.cellBytes = Math.max(1, Math.ceilDiv(capacityBytes, usedBytes.length));
    }

    /** A picture with what {@link #usedBytes} of another one gave. */
    public static HeapMap of(long capacityBytes, long[] usedBytes) {
        HeapMap map = new HeapMap(capacityBytes);
        System.arraycopy(usedBytes, 0, map.usedBytes, 0, map.usedBytes.length);
        return map;
    }

    /** Adds a live block; what lies outside the pool is left out. */
    public void add(long offset, long bytes) {
        long end = Math.min(offset + bytes, capacityBytes);
        for (long at = Math.max(0, offset); at < end; ) {
            int cell = (int) (at / cellBytes);
            long cellEnd = Math.min(end, (cell + 1) * cellBytes);
            usedBytes[cell] += cellEnd - at;
            at = cellEnd;
        }
    }

    /** Bytes in live blocks of every stretch, a copy. */
    public long[] usedBytes() {
        return usedBytes.clone();
    }

    /** The lines of the picture with the offset of each, and a legend. */
    public List<String> lines(boolean unicode) {
        char[] shades = unicode ? SHADES_UNICODE : SHADES_ASCII;
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            StringBuilder text = new StringBuilder(String.format("%14s  ", offset(row)));
            for (int column = 0; column < COLUMNS; column++) {
                int cell = row * COLUMNS + column;
                if (cell * cellBytes < capacityBytes) {
                    text.append(shades[shade(cell)]);
                }
            }
            lines.add(text.toString());
        }
        lines.add("each character is " + Size.format(cellBytes) + "; in live blocks: " + shades[0] + " nothing  "
                + shades[1] + " up to 1/4  " + shades[2] + " up to 1/2  " + shades[3] + " up to 3/4  " + shades[4]
                + " more");
        return lines;
    }

    private static String offsetText(long offset) {
        return offset == 0 ? "0x0" : Handles.format(offset);
    }

    private String offset(int row) {
        return offsetText((long) row * COLUMNS * cellBytes);
    }

    private int shade(int cell) {
        long inCell = Math.min(cellBytes, capacityBytes - cell * cellBytes);
        long used = usedBytes[cell];
        return used == 0 ? 0 : Math.clamp(Math.ceilDiv(4 * used, inCell), 1, 4);
    }
}
