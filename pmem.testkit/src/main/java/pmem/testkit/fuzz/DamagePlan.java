package pmem.testkit.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes damaged images by number: first one flipped bit in every byte of metadata, every line of metadata zeroed and every
 * length cut, then random ones. The same seed and number give the same image.
 */
final class DamagePlan {
    private static final int WORDS_PER_LINE = 8;
    private static final int WORDS_PER_PAGE = 512;
    private static final int FLIPS_MAX = 8;
    private static final int GROWN_PAGES_MAX = 4;
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;
    /** What random images are; flips of several bits and random words are the hardest to notice. */
    private static final Damage[] RANDOM = {
        Damage.FLIPPED_BIT,
        Damage.FLIPPED_BITS,
        Damage.FLIPPED_BITS,
        Damage.RANDOM_WORD,
        Damage.RANDOM_WORD,
        Damage.ZEROED_LINE,
        Damage.STALE_LINE,
        Damage.SWAPPED_LINES,
        Damage.SWAPPED_PAGES,
        Damage.ZEROED_PAGE
    };

    private final long seed;
    private final List<Exhaustive> exhaustive = new ArrayList<>();
    private final List<BaseImage> bases;
    private final List<int[]> metadataWords = new ArrayList<>();
    private final long exhaustiveCount;

    /** A run of images that follow from their number. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and nobody changes the arrays
    private record Exhaustive(BaseImage base, Damage damage, int count, int[] places) {}

    DamagePlan(List<BaseImage> bases, long seed) {
        this.bases = bases;
        this.seed = seed;
        for (BaseImage base : bases) {
            int[] words = base.covered().stream().toArray();
            int[] lines = base.covered().stream()
                    .map(word -> word / WORDS_PER_LINE)
                    .distinct()
                    .toArray();
            int pages = base.words().length / WORDS_PER_PAGE;
            metadataWords.add(base.metadata().stream().toArray());
            exhaustive.add(new Exhaustive(base, Damage.FLIPPED_BIT, words.length * Long.BYTES, words));
            exhaustive.add(new Exhaustive(base, Damage.ZEROED_LINE, lines.length, lines));
            exhaustive.add(new Exhaustive(base, Damage.TRUNCATED, pages, new int[0]));
            exhaustive.add(new Exhaustive(base, Damage.GROWN, GROWN_PAGES_MAX, new int[0]));
            int[] sizes = base.wordsOfCapacity().stream().toArray();
            exhaustive.add(new Exhaustive(base, Damage.FLIPPED_SIZES, sizes.length == 0 ? 0 : Long.SIZE, sizes));
        }
        exhaustiveCount = exhaustive.stream().mapToLong(Exhaustive::count).sum();
    }

    /** How many images are not random. */
    long exhaustiveCount() {
        return exhaustiveCount;
    }

    /** The image of a number. */
    DamagedImage image(long index) {
        SplittableRandom random = new SplittableRandom(seed + index * SPREAD);
        long left = index;
        for (Exhaustive run : exhaustive) {
            if (left < run.count) {
                return exhaustive(index, run, (int) left, random);
            }
            left -= run.count;
        }
        int which = random.nextInt(bases.size());
        return random(index, bases.get(which), metadataWords.get(which), random);
    }

    private static DamagedImage exhaustive(long index, Exhaustive run, int number, SplittableRandom random) {
        BaseImage base = run.base;
        return switch (run.damage) {
            case FLIPPED_BIT -> {
                int bit = number % Long.BYTES * Byte.SIZE + random.nextInt(Byte.SIZE);
                yield flipped(index, base, run.places[number / Long.BYTES], bit);
            }
            case ZEROED_LINE -> zeroed(index, base, run.places[number]);
            case TRUNCATED -> resized(index, base, Damage.TRUNCATED, number);
            case FLIPPED_SIZES -> flippedSizes(index, base, run.places, number);
            default -> resized(index, base, Damage.GROWN, base.words().length / WORDS_PER_PAGE + number + 1);
        };
    }

    private static DamagedImage random(long index, BaseImage base, int[] metadata, SplittableRandom random) {
        Damage damage = RANDOM[random.nextInt(RANDOM.length)];
        int word = metadata[random.nextInt(metadata.length)];
        int line = word / WORDS_PER_LINE;
        int pages = base.words().length / WORDS_PER_PAGE;
        return switch (damage) {
            case FLIPPED_BIT -> flipped(index, base, word, random.nextInt(Long.SIZE));
            case FLIPPED_BITS -> {
                long mask = 0;
                for (int flips = 2 + random.nextInt(FLIPS_MAX - 1); flips > 0; flips--) {
                    mask |= 1L << random.nextInt(Long.SIZE);
                }
                yield changed(index, base, damage, word, base.words()[word] ^ mask);
            }
            case RANDOM_WORD -> changed(index, base, damage, word, random.nextLong());
            case ZEROED_LINE -> zeroed(index, base, line);
            case STALE_LINE -> stale(index, base, line, random.nextInt(WORDS_PER_LINE));
            case SWAPPED_LINES ->
                swapped(
                        index,
                        base,
                        damage,
                        line,
                        metadata[random.nextInt(metadata.length)] / WORDS_PER_LINE,
                        WORDS_PER_LINE);
            case SWAPPED_PAGES ->
                swapped(index, base, damage, word / WORDS_PER_PAGE, random.nextInt(pages), WORDS_PER_PAGE);
            default -> {
                long[] words = base.words().clone();
                int page = word / WORDS_PER_PAGE;
                Arrays.fill(words, page * WORDS_PER_PAGE, (page + 1) * WORDS_PER_PAGE, 0);
                yield new DamagedImage(index, base, damage, "page " + page, words, base.bytes());
            }
        };
    }

    private static DamagedImage flipped(long index, BaseImage base, int word, int bit) {
        return changed(index, base, Damage.FLIPPED_BIT, word, base.words()[word] ^ (1L << bit));
    }

    private static DamagedImage flippedSizes(long index, BaseImage base, int[] sizes, int bit) {
        long[] words = base.words().clone();
        for (int word : sizes) {
            words[word] ^= 1L << bit;
        }
        return new DamagedImage(index, base, Damage.FLIPPED_SIZES, "in bit " + bit, words, base.bytes());
    }

    private static DamagedImage changed(long index, BaseImage base, Damage damage, int word, long value) {
        long[] words = base.words().clone();
        words[word] = value;
        String where = "at 0x" + Long.toHexString((long) word * Long.BYTES) + " from 0x"
                + Long.toHexString(base.words()[word]) + " to 0x" + Long.toHexString(value);
        return new DamagedImage(index, base, damage, where, words, base.bytes());
    }

    private static DamagedImage zeroed(long index, BaseImage base, int line) {
        long[] words = base.words().clone();
        Arrays.fill(words, line * WORDS_PER_LINE, (line + 1) * WORDS_PER_LINE, 0);
        return new DamagedImage(index, base, Damage.ZEROED_LINE, lineAt(line), words, base.bytes());
    }

    private static DamagedImage stale(long index, BaseImage base, int line, int fromWord) {
        long[] words = base.words().clone();
        int from = line * WORDS_PER_LINE + fromWord;
        int to = (line + 1) * WORDS_PER_LINE;
        System.arraycopy(base.earlier(), from, words, from, to - from);
        return new DamagedImage(
                index, base, Damage.STALE_LINE, lineAt(line) + " from word " + fromWord, words, base.bytes());
    }

    private static DamagedImage swapped(long index, BaseImage base, Damage damage, int one, int other, int length) {
        long[] words = base.words().clone();
        System.arraycopy(base.words(), one * length, words, other * length, length);
        System.arraycopy(base.words(), other * length, words, one * length, length);
        String where = "at 0x" + Long.toHexString((long) one * length * Long.BYTES) + " and 0x"
                + Long.toHexString((long) other * length * Long.BYTES);
        return new DamagedImage(index, base, damage, where, words, base.bytes());
    }

    private static DamagedImage resized(long index, BaseImage base, Damage damage, int pages) {
        long[] words = Arrays.copyOf(base.words(), Math.max(base.words().length, pages * WORDS_PER_PAGE));
        return new DamagedImage(
                index, base, damage, "to " + pages + " pages", words, (long) pages * WORDS_PER_PAGE * Long.BYTES);
    }

    private static String lineAt(int line) {
        return "at 0x" + Long.toHexString((long) line * WORDS_PER_LINE * Long.BYTES);
    }
}
