package pmem.testkit.region;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The alternatives that media can hold for one line, or with torn words for one word; number 0 is the durable one. */
final class ImageChoice {
    private final int firstWord;
    private final long[][] alternatives;
    private final long[] hashDeltas;
    private final boolean[] isNew;

    private ImageChoice(long[] media, int firstWord, long[][] alternatives, boolean[] isNew) {
        this.firstWord = firstWord;
        this.alternatives = alternatives;
        this.isNew = isNew;
        this.hashDeltas = new long[alternatives.length];
        for (int i = 0; i < alternatives.length; i++) {
            for (int word = 0; word < alternatives[i].length; word++) {
                int index = firstWord + word;
                hashDeltas[i] += ImageHash.ofWord(index, alternatives[i][word]) - ImageHash.ofWord(index, media[index]);
            }
        }
    }

    /** One alternative for each prefix of the line's stores from {@code durable} to {@code made}. */
    static ImageChoice ofLine(long[] media, LineLog log, int durable, int made, int newFrom) {
        int firstWord = log.line * SimulatedRegion.LINE_WORDS;
        long[][] alternatives = new long[made - durable + 1][];
        boolean[] isNew = new boolean[alternatives.length];
        long[] line = new long[SimulatedRegion.LINE_WORDS];
        System.arraycopy(media, firstWord, line, 0, line.length);
        for (int stores = 0; stores <= made; stores++) {
            if (stores > 0) {
                line[log.wordInLine(stores - 1)] = log.value(stores - 1);
            }
            if (stores >= durable) {
                alternatives[stores - durable] = line.clone();
                isNew[stores - durable] = stores >= newFrom;
            }
        }
        return new ImageChoice(media, firstWord, alternatives, isNew);
    }

    /** For each word of the line, one alternative for its durable value and one for each later store to it. */
    static void addWords(List<ImageChoice> into, long[] media, LineLog log, int durable, int made, int newFrom) {
        for (int word = 0; word < SimulatedRegion.LINE_WORDS; word++) {
            List<long[]> values = new ArrayList<>();
            List<Boolean> fresh = new ArrayList<>();
            int index = log.line * SimulatedRegion.LINE_WORDS + word;
            values.add(new long[] {media[index]});
            fresh.add(newFrom == 0);
            for (int store = 0; store < made; store++) {
                if (log.wordInLine(store) != word) {
                    continue;
                }
                if (store < durable) {
                    values.clear();
                    fresh.clear();
                }
                values.add(new long[] {log.value(store)});
                fresh.add(store + 1 >= newFrom);
            }
            if (values.size() > 1 || values.getFirst()[0] != media[index]) {
                boolean[] isNew = new boolean[fresh.size()];
                for (int i = 0; i < isNew.length; i++) {
                    isNew[i] = fresh.get(i);
                }
                into.add(new ImageChoice(media, index, values.toArray(new long[0][]), isNew));
            }
        }
    }

    int size() {
        return alternatives.length;
    }

    long hashDelta(int alternative) {
        return hashDeltas[alternative];
    }

    boolean isNew(int alternative) {
        return isNew[alternative];
    }

    void apply(int alternative, long[] image) {
        System.arraycopy(alternatives[alternative], 0, image, firstWord, alternatives[alternative].length);
    }

    String place() {
        return (alternatives[0].length == 1 ? "word 0x" : "line 0x") + Long.toHexString((long) firstWord * Long.BYTES);
    }

    /** Names up to three words whose newest value is not in an alternative. */
    String missing(int alternative) {
        StringBuilder text = new StringBuilder();
        long[] newest = alternatives[alternatives.length - 1];
        int named = 0;
        for (int word = 0; word < newest.length && named < 3; word++) {
            long there = alternatives[alternative][word];
            if (there != newest[word]) {
                named++;
                text.append(String.format(
                        Locale.ROOT,
                        "%s word 0x%x holds 0x%x, its newest value is 0x%x",
                        named == 1 ? ";" : ",",
                        (long) (firstWord + word) * Long.BYTES,
                        there,
                        newest[word]));
            }
        }
        return text.toString();
    }
}
