package pmem.tool.demo;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import pmem.tool.report.HeapMap;

/**
 * What a child found when it opened the pool, before it replays.
 *
 * @param durability what completed operations survive, for people
 * @param recovery what recovery did, for people
 * @param recoveryMillis log and rebuild, as the pool reports them, milliseconds
 * @param openMillis the whole call that opened the pool, milliseconds
 * @param capacityBytes size of the pool
 * @param usedBytes bytes taken from the free space
 * @param map where the live blocks are
 * @param check what the check found
 */
record ChildReport(
        String durability,
        String recovery,
        double recoveryMillis,
        double openMillis,
        long capacityBytes,
        long usedBytes,
        HeapMap map,
        CheckResult check) {

    void write(DataOutputStream out) throws IOException {
        Frames.writeText(out, durability);
        Frames.writeText(out, recovery);
        out.writeDouble(recoveryMillis);
        out.writeDouble(openMillis);
        out.writeLong(capacityBytes);
        out.writeLong(usedBytes);
        for (long cell : map.usedBytes()) {
            out.writeLong(cell);
        }
        check.write(out);
    }

    static ChildReport read(DataInputStream in) throws IOException {
        String durability = in.readUTF();
        String recovery = in.readUTF();
        double recoveryMillis = in.readDouble();
        double openMillis = in.readDouble();
        long capacityBytes = in.readLong();
        long usedBytes = in.readLong();
        long[] cells = new long[HeapMap.COLUMNS * HeapMap.ROWS];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = in.readLong();
        }
        return new ChildReport(
                durability,
                recovery,
                recoveryMillis,
                openMillis,
                capacityBytes,
                usedBytes,
                HeapMap.of(capacityBytes, cells),
                CheckResult.read(in));
    }
}
