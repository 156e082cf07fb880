package pmem.tool.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** Turns results into JSON text, two blanks an indent, members in the order they were added. */
public final class Json {
    private static final Gson GSON = new Gson();

    private Json() {}

    /** The text of an object, without a line end. */
    public static String text(JsonObject object) {
        StringWriter text = new StringWriter();
        JsonWriter writer = new JsonWriter(text);
        writer.setIndent("  ");
        try {
            // Not Gson.toJson, which would write quotes and brackets as they are escaped in web pages.
            GSON.getAdapter(JsonElement.class).write(writer, object);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    /** An array of texts. */
    public static JsonArray array(List<String> texts) {
        JsonArray array = new JsonArray(texts.size());
        texts.forEach(array::add);
        return array;
    }

    /** A number with at most three decimals, so that no reader takes noise for a figure; 0 if it is not finite. */
    public static double rounded(double value) {
        return Double.isFinite(value) ? Math.rint(value * 1000) / 1000 : 0;
    }
}
