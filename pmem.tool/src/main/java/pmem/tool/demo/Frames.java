package pmem.tool.demo;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What the child's messages begin with, and the parts they share. All numbers big-endian, texts as {@code writeUTF}. */
final class Frames {
    /** An {@link Acknowledgement} follows. */
    static final int ACKNOWLEDGEMENT = 1;
    /** A {@link ChildReport} follows; the child replays from then on, unless it is the last one. */
    static final int REPORT = 2;
    /** One text follows, why the child gives up. */
    static final int FAILURE = 3;
    /** Nothing follows; the child opens the pool next. */
    static final int OPENING = 4;

    /** Longest text in a message, in characters, so that a message of one text is one write to a pipe. */
    private static final int TEXT_LENGTH_MAX = 1000;

    private Frames() {}

    static void writeText(DataOutputStream out, String text) throws IOException {
        out.writeUTF(text.substring(0, Math.min(text.length(), TEXT_LENGTH_MAX)));
    }

    static void writeTexts(DataOutputStream out, List<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            writeText(out, text);
        }
    }

    static List<String> readTexts(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(in.readUTF());
        }
        return texts;
    }
}
