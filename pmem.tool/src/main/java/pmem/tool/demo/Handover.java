package pmem.tool.demo;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * What the parent tells a child on its standard input: the settings, the child's part, and the model of all that was
 * acknowledged before.
 *
 * @param settings the settings
 * @param part what the child has to do
 * @param model what was acknowledged
 */
record Handover(DemoSettings settings, Part part, Model model) {
    /** What a child does with the pool. */
    enum Part {
        /** Create it and replay. */
        CREATE,
        /** Open it after a kill, check, and replay on. */
        CONTINUE,
        /** Open it after a kill, check, and close it. */
        FINISH
    }

    void write(DataOutputStream out) throws IOException {
        settings.write(out);
        out.writeUTF(part.name());
        model.write(out);
    }

    static Handover read(DataInputStream in) throws IOException {
        DemoSettings settings = DemoSettings.read(in);
        Part part = Part.valueOf(in.readUTF());
        Model model = new Model(ReplayPlan.fold(settings.readTrace(), settings.threads()), settings.seed());
        model.read(in);
        return new Handover(settings, part, model);
    }
}
