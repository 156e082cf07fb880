package pmem.policy.buddy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import pmem.api.PoolCorruptedException;
import pmem.spi.PolicySpace;
import pmem.spi.Region;

/** Builds the free units from the head-tag map: all that is in no block. Reads only. */
final class BuddyRebuild {
    /** A smaller part of the map is read faster than another thread is woken. */
    private static final long PART_BYTES_MIN = 512 << 10;

    private final Region region;
    private final HeadTagLayout layout;
    private final HeadRules rules;
    private final FreeTrees free;

    private BuddyRebuild(Region region, HeadTagLayout layout, HeadTagLayout whole, BuddyParameters parameters) {
        this.region = region;
        this.layout = layout;
        rules = new HeadRules(layout, parameters);
        free = new FreeTrees(layout.firstUnit(), layout.endUnit(), whole.endUnit(), parameters.unitShift());
    }

    /**
     * Scans the whole map, as far as it may hold tags, large ones by several threads. A block that lies in another one has its
     * head there, so looking at every tag, also inside blocks, proves that no two overlap.
     *
     * @param whole the layout of the whole space; tags of units that are not there yet are not looked at
     * @throws PoolCorruptedException if a tag breaks one of the {@link HeadRules}
     */
    static FreeTrees scan(PolicySpace space, HeadTagLayout whole, BuddyParameters parameters) {
        HeadTagLayout layout = whole.upTo(space.usableEndOffset());
        BuddyRebuild rebuild = new BuddyRebuild(space.region(), layout, whole, parameters);
        rebuild.run(space.blank() ? new long[0] : space.region().usedRanges(layout.mapOffset(), layout.mapEndOffset()));
        return rebuild.free;
    }

    private void run(long[] ranges) {
        List<MapPart> parts = divide(ranges);
        if (parts.size() > 1) {
            parts.parallelStream().forEach(MapPart::scan);
        } else {
            parts.forEach(MapPart::scan);
        }
        long end = layout.firstUnit();
        for (MapPart part : parts) {
            end = part.follow(end);
        }
    }

    /** Cuts the ranges into about as many parts of about equal length as there are processors. */
    private List<MapPart> divide(long[] ranges) {
        long bytes = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            bytes += ranges[i + 1] - ranges[i];
        }
        long share = bytes / Runtime.getRuntime().availableProcessors() + Region.LINE_BYTES;
        long partBytes = Math.max(PART_BYTES_MIN, share & -Region.LINE_BYTES);
        List<MapPart> parts = new ArrayList<>();
        for (long from = 0; from < bytes; from += partBytes) {
            parts.add(new MapPart(region, layout, rules, slice(ranges, from, from + partBytes), free));
        }
        return parts;
    }

    /** The bytes from one to another, counted through all ranges. */
    private static long[] slice(long[] ranges, long from, long to) {
        long[] slice = new long[ranges.length];
        int count = 0;
        long passed = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            long start = Math.max(0, from - passed);
            long end = Math.min(ranges[i + 1] - ranges[i], to - passed);
            if (start < end) {
                slice[count++] = ranges[i] + start;
                slice[count++] = ranges[i] + end;
            }
            passed += ranges[i + 1] - ranges[i];
        }
        return Arrays.copyOf(slice, count);
    }
}
