package pmem.tool.demo;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a check found.
 *
 * @param blocks live blocks in the walk
 * @param contentBytes bytes compared with what they must be
 * @param lost acknowledged blocks that are gone
 * @param leaked live blocks nobody explains: freed ones that are still there, or ones never asked for
 * @param overlaps pairs of neighbouring blocks that share bytes, and handles that two objects hold
 * @param contentErrors blocks that are too small or hold other bytes than were written
 * @param verifyFindings findings of the pool's own verification
 * @param statisticsMismatches 1 if the pool counts other blocks than the walk
 * @param outcomes for each thread, how its operation in flight ended
 * @param handles for each thread, where its operation put the block, if it is done and not a free
 * @param details sentences on the first faults
 */
record CheckResult(
        long blocks,
        long contentBytes,
        int lost,
        int leaked,
        int overlaps,
        int contentErrors,
        int verifyFindings,
        int statisticsMismatches,
        List<Outcome> outcomes,
        List<Long> handles,
        List<String> details) {

    CheckResult {
        outcomes = List.copyOf(outcomes);
        handles = List.copyOf(handles);
        details = List.copyOf(details);
    }

    /** Number of faults of all kinds; 0 if all holds. */
    long faults() {
        return (long) lost + leaked + overlaps + contentErrors + verifyFindings + statisticsMismatches;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeLong(blocks);
        out.writeLong(contentBytes);
        out.writeInt(lost);
        out.writeInt(leaked);
        out.writeInt(overlaps);
        out.writeInt(contentErrors);
        out.writeInt(verifyFindings);
        out.writeInt(statisticsMismatches);
        out.writeInt(outcomes.size());
        for (int thread = 0; thread < outcomes.size(); thread++) {
            out.writeUTF(outcomes.get(thread).name());
            out.writeLong(handles.get(thread));
        }
        Frames.writeTexts(out, details);
    }

    static CheckResult read(DataInputStream in) throws IOException {
        long blocks = in.readLong();
        long contentBytes = in.readLong();
        int[] counts = new int[6];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.readInt();
        }
        int threads = in.readInt();
        List<Outcome> outcomes = new ArrayList<>();
        List<Long> handles = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            outcomes.add(Outcome.valueOf(in.readUTF()));
            handles.add(in.readLong());
        }
        return new CheckResult(
                blocks,
                contentBytes,
                counts[0],
                counts[1],
                counts[2],
                counts[3],
                counts[4],
                counts[5],
                outcomes,
                handles,
                Frames.readTexts(in));
    }
}
