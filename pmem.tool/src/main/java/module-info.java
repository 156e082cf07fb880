import org.jspecify.annotations.NullMarked;

/**
 * The {@code pmem} command: shows, replays and checks pools from the command line.
 *
 * <p>It knows pools only through {@link pmem.api}; mapping, policies and recovery are found on the module path at run time. It
 * exports nothing: its contract is the command line ({@code pmem --help}).
 */
@NullMarked
module pmem.tool {
    requires VectorGraphics2D;
    requires com.google.gson;
    requires info.picocli;
    requires me.tongfei.progressbar;
    requires java.desktop;
    requires org.jfree.jfreechart;
    requires pmem.api;
    requires pmem.bench;
    requires pmem.testkit;
    requires static org.jspecify;

    opens pmem.tool to
            info.picocli;
    opens pmem.tool.advise to
            info.picocli;
    opens pmem.tool.bench to
            info.picocli;
    opens pmem.tool.common to
            info.picocli;
    opens pmem.tool.demo to
            info.picocli;
    opens pmem.tool.doctor to
            info.picocli;
    opens pmem.tool.explore to
            info.picocli;
    opens pmem.tool.inspect to
            info.picocli;
    opens pmem.tool.replay to
            info.picocli;
}
