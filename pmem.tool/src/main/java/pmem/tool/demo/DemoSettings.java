package pmem.tool.demo;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import pmem.api.DurabilityDomain;
import pmem.tool.trace.Trace;
import pmem.tool.trace.TraceReader;

/**
 * What parent and child agree on for one policy.
 *
 * @param pool the pool's file
 * @param policy id of the policy
 * @param capacityBytes size of the pool when it is created
 * @param durability domain asked for
 * @param seed of contents and kill times
 * @param threads of the child
 * @param trace the trace's file; empty for the bundled one
 */
record DemoSettings(
        Path pool,
        String policy,
        long capacityBytes,
        DurabilityDomain durability,
        long seed,
        int threads,
        Optional<Path> trace) {

    /** Reads the trace, in the parent and in every child. */
    Trace readTrace() {
        return trace.map(TraceReader::read).orElseGet(TraceReader::readBundled);
    }

    void write(DataOutputStream out) throws IOException {
        out.writeUTF(pool.toString());
        out.writeUTF(policy);
        out.writeLong(capacityBytes);
        out.writeUTF(durability.id());
        out.writeLong(seed);
        out.writeInt(threads);
        out.writeUTF(trace.map(Path::toString).orElse(""));
    }

    static DemoSettings read(DataInputStream in) throws IOException {
        return new DemoSettings(
                Path.of(in.readUTF()),
                in.readUTF(),
                in.readLong(),
                DurabilityDomain.ofId(in.readUTF()),
                in.readLong(),
                in.readInt(),
                Optional.of(in.readUTF()).filter(path -> !path.isEmpty()).map(Path::of));
    }
}
