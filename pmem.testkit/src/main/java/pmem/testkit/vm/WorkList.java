package pmem.testkit.vm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * The operations of one worker, again and again: its share of a trace, then a free of each block left. So every lap begins and
 * ends with nothing, and the number of operations done tells which blocks there are. Immutable.
 */
final class WorkList {
    /** Room for the stamp of a block. */
    static final int BYTES_MIN = 16;

    private final List<Operation> operations;

    private WorkList(List<Operation> operations) {
        this.operations = List.copyOf(operations);
    }

    /** The share of one of several workers in a trace compressed by gzip: the blocks whose number it has as remainder. */
    static WorkList read(Path trace, int worker, int workers) {
        List<Operation> operations = new ArrayList<>();
        Set<Integer> live = new LinkedHashSet<>();
        try (InputStream file = new GZIPInputStream(Files.newInputStream(trace));
                BufferedReader lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty() && line.charAt(0) != '#') {
                    add(operations, live, line.split(" ", -1), worker, workers);
                }
            }
        } catch (IOException failure) {
            throw new IllegalStateException("trace is not readable: file=" + trace, failure);
        }
        live.forEach(id -> operations.add(new Operation(Operation.Kind.FREE, id, 0)));
        return new WorkList(operations);
    }

    private static void add(List<Operation> operations, Set<Integer> live, String[] fields, int worker, int workers) {
        int id = Integer.parseInt(fields[1]);
        if (id % workers != worker) {
            return;
        }
        if (fields[0].equals("f")) {
            live.remove(id);
            operations.add(new Operation(Operation.Kind.FREE, id, 0));
            return;
        }
        int bytes = Math.max(BYTES_MIN, Integer.parseInt(fields[2]));
        boolean first = live.add(id);
        operations.add(new Operation(first ? Operation.Kind.ALLOCATE : Operation.Kind.REPLACE, id, bytes));
    }

    /** Operations of one lap. */
    int lapLength() {
        return operations.size();
    }

    /** The operation with this number, counted over all laps. */
    Operation at(long number) {
        return operations.get((int) (number % operations.size()));
    }

    /** The lap an operation belongs to. */
    long lapOf(long number) {
        return number / operations.size();
    }
}
