package pmem.tool.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pmem.api.DurabilityDomain;
import pmem.api.Handles;
import pmem.tool.common.ToolException;
import pmem.tool.report.HeapMap;
import pmem.tool.trace.TraceFiles;

class ProtocolTest {
    private static DataInputStream in(ByteArrayOutputStream bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    }

    @Test
    void an_acknowledgement_has_a_fixed_size_and_comes_back_as_it_was() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Acknowledgement.BYTES);
        Acknowledgement.encode(buffer, 3, 1L << 40, 0x1234_5678_9000L);

        assertThat(buffer.remaining()).isZero();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(buffer.array()));
        assertThat(in.readInt()).isEqualTo(Frames.ACKNOWLEDGEMENT);
        assertThat(Acknowledgement.read(in)).isEqualTo(new Acknowledgement(3, 1L << 40, 0x1234_5678_9000L));
    }

    @Test
    void a_report_comes_back_as_it_was() throws IOException {
        CheckResult check = new CheckResult(
                1, 2, 3, 4, 5, 6, 7, 8, List.of(Outcome.DONE, Outcome.NOT_BEGUN), List.of(16L, 0L), List.of("a", "b"));
        HeapMap map = new HeapMap(100);
        map.add(10, 20);
        ChildReport report = new ChildReport("durable", "recovered", 1.5, 2.5, 100, 50, map, check);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        report.write(new DataOutputStream(bytes));

        ChildReport read = ChildReport.read(in(bytes));

        assertThat(read).usingRecursiveComparison().isEqualTo(report);
        assertThat(read.check().faults()).isEqualTo(3 + 4 + 5 + 6 + 7 + 8);
    }

    @Test
    void a_child_gets_the_model_its_parent_has(@TempDir Path directory) throws IOException {
        Path trace = TraceFiles.write(directory, "t.trace", "a 0 10 1", "a 1 20 2", "f 0 2");
        DemoSettings settings = new DemoSettings(
                directory.resolve("pool"),
                "bitmap",
                1 << 20,
                DurabilityDomain.FORCED_CACHE_LINE,
                5,
                2,
                Optional.of(trace));
        Model model = new Model(ReplayPlan.fold(settings.readTrace(), 2), 5);
        int allocating = model.plan().object(0, 0);
        model.complete(0, 0x4000);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Handover(settings, Handover.Part.CONTINUE, model).write(new DataOutputStream(bytes));

        Handover read = Handover.read(in(bytes));

        assertThat(read.settings()).isEqualTo(settings);
        assertThat(read.part()).isEqualTo(Handover.Part.CONTINUE);
        assertThat(read.model().position(0)).isEqualTo(1);
        assertThat(read.model().position(1)).isZero();
        assertThat(read.model().handle(allocating)).isEqualTo(0x4000);
        assertThat(read.model().contentKey(allocating)).isEqualTo(model.contentKey(allocating));
    }

    @Test
    void the_model_refuses_an_acknowledgement_that_can_not_be() {
        Model model = new Model(ReplayPlan.fold(TraceFiles.of("a 0 10 1", "f 0 2"), 2), 1);

        assertThatThrownBy(() -> model.complete(1, Handles.NONE))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("thread=1");
        assertThatThrownBy(() -> model.complete(0, Handles.NONE)).isInstanceOf(ToolException.class);
        model.complete(0, 16);
        assertThatThrownBy(() -> model.complete(1, 16)).isInstanceOf(ToolException.class);
        model.complete(1, Handles.NONE);
        assertThat(model.isLive(0)).isFalse();
    }
}
