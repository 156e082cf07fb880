package pmem.testkit.crash;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A crash that is not survived, or a call that failed.
 *
 * @param target what was explored, for example the policy's id
 * @param sequence names of the operations, the last one in flight
 * @param inFlight the calls in flight when power was cut; empty if all had returned
 * @param lastPoints the write-backs and fences since the call began; at the end the last one passed, and what it is for
 * @param media which of the stores in flight are on media
 * @param problem what recovery concluded and what was expected
 * @param repeat how to see it again
 * @param image where the image was saved, if it was
 */
public record Violation(
        String target,
        List<String> sequence,
        List<String> inFlight,
        List<String> lastPoints,
        List<String> media,
        String problem,
        String repeat,
        Optional<Path> image) {
    private static final String INDENT = "\n               ";

    /** Takes immutable copies. */
    public Violation {
        sequence = List.copyOf(sequence);
        inFlight = List.copyOf(inFlight);
        lastPoints = List.copyOf(lastPoints);
        media = List.copyOf(media);
    }

    Violation savedAs(Path path) {
        return new Violation(target, sequence, inFlight, lastPoints, media, problem, repeat, Optional.of(path));
    }

    /** What two violations of the same cause have in common: calls without handles, the last point, the kind of problem. */
    String signature() {
        String point = lastPoints.isEmpty() ? "" : lastPoints.getLast().replaceAll("0x[0-9a-f]+", "");
        return sequence.getLast() + "|" + point + "|"
                + problem.replaceAll("0x[0-9a-f]+|\\d+", "").split("\\{", 2)[0];
    }

    /** The whole story in plain words. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append("crash not survived: target=").append(target).append('\n');
        text.append("  sequence:    ").append(String.join("; ", sequence)).append('\n');
        text.append("  in flight:   ")
                .append(inFlight.isEmpty() ? "nothing, every call had returned" : String.join(" and ", inFlight))
                .append('\n');
        text.append("  passed:      ")
                .append(lastPoints.isEmpty() ? "no write-back or fence yet" : String.join(INDENT, lastPoints))
                .append('\n');
        text.append("  on media:    ")
                .append(media.isEmpty() ? "everything stored so far" : String.join(INDENT, media))
                .append('\n');
        text.append("  conclusion:  ").append(problem).append('\n');
        text.append("  repeat with: ").append(repeat);
        image.ifPresent(path -> text.append("\n  image:       ").append(path));
        return text.toString();
    }
}
