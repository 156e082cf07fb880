package pmem.recovery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;
import pmem.api.PoolPart;
import pmem.spi.Region;
import pmem.spi.RepairBackup;

/**
 * The words a repair has replaced, in a text file that says what it is and how to put them back.
 *
 * <pre>
 * # pmem repair backup 1
 * # pool=data.pool
 * # poolId=1f0c...            unknown if no superblock could be read
 * # capacityBytes=8388608
 * # made=2026-01-01T12:00:00Z
 * # to put these words back: pmem repair POOL --undo THIS_FILE
 * # each line: offset of a word in the pool, its old value, both hexadecimal; words are little-endian
 * 0000000000002000 00000000000112ab
 * # checksum=5c2f...          over all offsets and values, in their order
 * </pre>
 */
final class BackupFile {
    private static final String TITLE = "# pmem repair backup 1";
    private static final String POOL_ID = "# poolId=";
    private static final String CAPACITY = "# capacityBytes=";
    private static final String CHECKSUM = "# checksum=";
    private static final String UNKNOWN_ID = "unknown";
    private static final int HEX = 16;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Path path;
    private final String poolId;
    private final long capacityBytes;
    private final Map<Long, Long> words;

    private BackupFile(Path path, String poolId, long capacityBytes, Map<Long, Long> words) {
        this.path = path;
        this.poolId = poolId;
        this.capacityBytes = capacityBytes;
        this.words = words;
    }

    /** Saves beside a pool, or where the user said. */
    static RepairBackup beside(Path pool, Optional<Path> chosen) {
        return (region, ranges) -> {
            String name = pool.getFileName() + ".repair-" + TIME.format(Instant.now()) + ".backup";
            Path path = chosen.orElseGet(() -> pool.resolveSibling(name));
            write(path, text(region, ranges));
            return Optional.of(path);
        };
    }

    private static String text(Region region, List<PoolPart> ranges) {
        StringBuilder text = new StringBuilder(TITLE).append('\n');
        text.append("# pool=").append(region.name()).append('\n');
        text.append(POOL_ID).append(poolId(region)).append('\n');
        text.append(CAPACITY).append(region.capacityBytes()).append('\n');
        text.append("# made=").append(Instant.now()).append('\n');
        text.append("# to put these words back: pmem repair POOL --undo THIS_FILE\n");
        text.append(
                "# each line: offset of a word in the pool, its old value, both hexadecimal; words are little-endian\n");
        long sum = 0;
        for (PoolPart range : ranges) {
            for (long offset = range.offset(); offset < range.endOffset(); offset += Long.BYTES) {
                long word = region.loadPlain(offset);
                text.append(String.format("%016x %016x%n", offset, word));
                sum = Checksums.add(Checksums.add(sum, offset), word);
            }
        }
        return text.append(CHECKSUM).append(Long.toHexString(sum)).append('\n').toString();
    }

    private static String poolId(Region region) {
        return OpenDecision.of(region)
                .superblock()
                .map(superblock -> String.format("%016x%016x", superblock.idHigh(), superblock.idLow()))
                .orElse(UNKNOWN_ID);
    }

    private static void write(Path path, String text) {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(US_ASCII));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        } catch (FileAlreadyExistsException exists) {
            throw new PoolOpenException(
                    Reason.EXISTS,
                    "the backup can't be written, something has its name: backup=" + path
                            + "; choose another name. The pool was not changed",
                    exists);
        } catch (IOException failure) {
            throw new PoolOpenException(
                    Reason.SYSTEM,
                    "the backup can't be written: backup=" + path + " " + failure
                            + "; choose another place. The pool was not changed",
                    failure);
        }
    }

    /**
     * Reads a backup.
     *
     * @throws PoolOpenException if it can't be read or is damaged
     */
    static BackupFile read(Path path) {
        try {
            return parse(path, Files.readAllLines(path, US_ASCII));
        } catch (IOException | NumberFormatException failure) {
            throw unreadable(path, failure.toString(), failure);
        }
    }

    private static BackupFile parse(Path path, List<String> lines) {
        Map<Long, Long> words = new TreeMap<>();
        long sum = 0;
        for (String line : lines) {
            if (!line.startsWith("#")) {
                // A line without a blank is no number either way.
                int blank = Math.max(0, line.indexOf(' '));
                long offset = Long.parseUnsignedLong(line.substring(0, blank), HEX);
                long word = Long.parseUnsignedLong(line.substring(blank + 1), HEX);
                words.put(offset, word);
                sum = Checksums.add(Checksums.add(sum, offset), word);
            }
        }
        if (lines.isEmpty() || !lines.getFirst().equals(TITLE)) {
            throw unreadable(path, "expected the first line \"" + TITLE + "\"", null);
        }
        if (!value(path, lines, CHECKSUM).equals(Long.toHexString(sum))) {
            throw unreadable(path, "expected a right checksum, found=" + Long.toHexString(sum), null);
        }
        return new BackupFile(path, value(path, lines, POOL_ID), Long.parseLong(value(path, lines, CAPACITY)), words);
    }

    private static String value(Path path, List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .findFirst()
                .orElseThrow(() -> unreadable(path, "expected a line \"" + name + "\"", null));
    }

    private static PoolOpenException unreadable(
            Path path, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        String message = "the backup can't be read: backup=" + path + " " + why + "; the pool was not changed";
        return cause == null
                ? new PoolOpenException(Reason.SYSTEM, message)
                : new PoolOpenException(Reason.SYSTEM, message, cause);
    }

    /**
     * Puts the words back, durably.
     *
     * @throws PoolOpenException if they are of another pool
     */
    void putBack(Region region) {
        String found = poolId(region);
        boolean other = !found.equals(poolId) && !found.equals(UNKNOWN_ID) && !poolId.equals(UNKNOWN_ID);
        if (other || region.capacityBytes() != capacityBytes) {
            throw new PoolOpenException(
                    Reason.OPTIONS_MISMATCH,
                    "the backup is of another pool: backup=" + path + ", expected poolId=" + poolId + " capacityBytes="
                            + capacityBytes + ", found poolId=" + found + " capacityBytes="
                            + region.capacityBytes() + "; the pool was not changed");
        }
        words.forEach((offset, word) -> {
            region.storeRelease(offset, word);
            region.writeBack(RepairPoints.UNDONE, offset, Long.BYTES);
        });
        region.fence(RepairPoints.UNDONE);
    }
}
