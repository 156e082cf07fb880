package pmem.testkit.region;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * All images that a crash at one {@link CrashMoment}, or at an earlier moment of the same epoch, can leave on media.
 *
 * <p><b>Why the product at the end of an epoch is all of them.</b> An epoch is the time between two completed fences (of any
 * thread). At a moment t in it media holds, for each line, a prefix of the line's stores whose length is between d(t), what
 * fences have made durable, and m(t), what has been made. d changes only when a fence completes, so it is constant in the epoch;
 * m only grows. Hence each box [d, m(t)] lies inside the box at the end of the epoch, [d, m(end)], and that box itself is
 * reachable, at its last moment. So the union over all moments is the product over the lines of d .. m(end).
 *
 * <p><b>Why only new images are visited.</b> An image of the next epoch whose lines all hold a prefix that existed at the
 * previous moment lies in the previous box too (d never shrinks), and was checked there. A caller whose demands have become
 * stricter in between (an operation has returned) visits all of the box instead.
 *
 * <p>With torn words every word takes any of its versions that is not older than the durable one, independently of the rest
 * of its line; the same argument holds with words in the place of lines.
 */
public final class CrashImages {
    /** Receives images. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Called for each image.
         *
         * @return whether to go on
         */
        boolean visit(CrashImages images);
    }

    private static final long SAMPLE_SEED = 0x7065726d75746521L;

    private final long[] media;
    private final long mediaHash;
    private final List<ImageChoice> choices = new ArrayList<>();
    private final int[] chosen;

    private CrashImages(SimulatedRegion region, CrashMoment moment, CrashMoment previous, boolean all, boolean torn) {
        this.media = region.settledMedia();
        this.mediaHash = region.settledHash();
        for (int i = 0; i < moment.lineCount(); i++) {
            int newFrom = all ? 0 : previous.madeOrZero(i) + 1;
            if (torn) {
                ImageChoice.addWords(choices, media, moment.log(i), moment.durable(i), moment.made(i), newFrom);
            } else {
                choices.add(ImageChoice.ofLine(media, moment.log(i), moment.durable(i), moment.made(i), newFrom));
            }
        }
        this.chosen = new int[choices.size()];
    }

    /** The images of a moment. */
    public static CrashImages of(SimulatedRegion region, CrashMoment moment, boolean torn) {
        return new CrashImages(region, moment, moment, true, torn);
    }

    /** The images of a moment that an earlier moment, without a fence or with one in between, did not have. */
    public static CrashImages newSince(SimulatedRegion region, CrashMoment previous, CrashMoment moment, boolean torn) {
        return new CrashImages(region, moment, previous, false, torn);
    }

    /** How many combinations there are, old ones included; {@link Long#MAX_VALUE} if they do not fit a long. */
    public long combinations() {
        long product = 1;
        for (ImageChoice choice : choices) {
            long high = Math.multiplyHigh(product, choice.size());
            product *= choice.size();
            if (high != 0 || product < 0) {
                return Long.MAX_VALUE;
            }
        }
        return product;
    }

    /**
     * Visits the images: all of them if there are at most {@code limit} combinations, else a sample of that size which holds
     * the oldest and newest version of every line alone and is the same each time.
     *
     * @return whether none was left out
     */
    public boolean forEach(long limit, Visitor visitor) {
        if (combinations() > limit) {
            sample(limit, visitor);
            return false;
        }
        do {
            if (isNew() && !visitor.visit(this)) {
                return true;
            }
        } while (next());
        return true;
    }

    private boolean next() {
        for (int i = 0; i < chosen.length; i++) {
            if (++chosen[i] < choices.get(i).size()) {
                return true;
            }
            chosen[i] = 0;
        }
        return false;
    }

    private void sample(long limit, Visitor visitor) {
        long left = limit;
        for (int i = 0; i < 2 * chosen.length && left > 0; i++, left--) {
            fill(i < chosen.length);
            ImageChoice choice = choices.get(i % chosen.length);
            chosen[i % chosen.length] = i < chosen.length ? choice.size() - 1 : 0;
            if (isNew() && !visitor.visit(this)) {
                return;
            }
        }
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SAMPLE_SEED);
        for (; left > 0; left--) {
            for (int i = 0; i < chosen.length; i++) {
                chosen[i] = random.nextInt(choices.get(i).size());
            }
            if (isNew() && !visitor.visit(this)) {
                return;
            }
        }
    }

    private void fill(boolean oldest) {
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = oldest ? 0 : choices.get(i).size() - 1;
        }
    }

    private boolean isNew() {
        for (int i = 0; i < chosen.length; i++) {
            if (choices.get(i).isNew(chosen[i])) {
                return true;
            }
        }
        return chosen.length == 0;
    }

    /** The current image's hash, without building it. */
    public long hash() {
        long hash = mediaHash;
        for (int i = 0; i < chosen.length; i++) {
            hash += choices.get(i).hashDelta(chosen[i]);
        }
        return hash;
    }

    /** Builds the current image. */
    public long[] build() {
        long[] image = media.clone();
        for (int i = 0; i < chosen.length; i++) {
            choices.get(i).apply(chosen[i], image);
        }
        return image;
    }

    /** How many versions there are to choose from in one place of a {@link #selection}. */
    public int versions(int place) {
        return choices.get(place).size();
    }

    /** Which versions the current image holds, to come back to it with {@link #select}. */
    public int[] selection() {
        return chosen.clone();
    }

    /** Makes an image the current one. */
    public void select(int[] selection) {
        System.arraycopy(selection, 0, chosen, 0, chosen.length);
    }

    /** What of the stores in flight is on media in the current image, one sentence for each line that has any. */
    public List<String> describe() {
        List<String> text = new ArrayList<>();
        for (int i = 0; i < chosen.length; i++) {
            if (choices.get(i).size() > 1) {
                text.add(String.format(
                        Locale.ROOT,
                        "%s: %d of %d version(s) on media%s",
                        choices.get(i).place(),
                        chosen[i],
                        choices.get(i).size() - 1,
                        choices.get(i).missing(chosen[i])));
            }
        }
        return text;
    }
}
