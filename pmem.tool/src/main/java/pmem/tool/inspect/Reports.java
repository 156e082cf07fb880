package pmem.tool.inspect;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.util.List;
import pmem.api.CheckReport;
import pmem.api.Finding;
import pmem.api.Handles;
import pmem.api.PoolPart;
import pmem.api.RecoveryReport;
import pmem.api.RepairItem;
import pmem.tool.report.Json;

/** The reports of the API as JSON and as lines for people; the same members in every command. */
final class Reports {
    private Reports() {}

    static JsonObject object(CheckReport report) {
        JsonObject object = new JsonObject();
        object.addProperty("pool", report.pool());
        object.addProperty("state", report.state().name());
        object.addProperty("opens", report.opens());
        report.refusal().ifPresent(reason -> object.addProperty("refusal", reason.name()));
        object.addProperty("message", report.message());
        report.recovery().ifPresent(recovery -> object.add("recovery", object(recovery)));
        object.add("findings", findings(report.findings()));
        JsonArray parts = new JsonArray();
        report.parts().forEach(part -> parts.add(object(part)));
        object.add("parts", parts);
        return object;
    }

    static JsonObject object(RecoveryReport report) {
        JsonObject object = new JsonObject();
        object.addProperty("state", report.state().name());
        object.addProperty("operationsRolledBack", report.operationsRolledBack());
        object.addProperty("operationsFinished", report.operationsFinished());
        object.addProperty("wordsRestored", report.wordsRestored());
        object.addProperty("liveBlocks", report.liveBlocks());
        object.addProperty("superblockMillis", Json.rounded(report.superblockMillis()));
        object.addProperty("logMillis", Json.rounded(report.logMillis()));
        object.addProperty("rebuildMillis", Json.rounded(report.rebuildMillis()));
        object.addProperty("rootsMillis", Json.rounded(report.rootsMillis()));
        object.add("notes", Json.array(report.notes()));
        return object;
    }

    static JsonArray findings(List<Finding> findings) {
        JsonArray array = new JsonArray();
        findings.forEach(finding -> array.add(object(finding)));
        return array;
    }

    static JsonArray items(List<RepairItem> items) {
        JsonArray array = new JsonArray();
        for (RepairItem item : items) {
            JsonObject object = new JsonObject();
            object.addProperty("action", item.action().name());
            object.add("finding", object(item.finding()));
            object.addProperty("result", item.result());
            array.add(object);
        }
        return array;
    }

    private static JsonObject object(Finding finding) {
        JsonObject object = new JsonObject();
        object.addProperty("severity", finding.severity().name());
        object.addProperty("code", finding.code());
        object.addProperty("place", finding.place());
        if (finding.offset() != Finding.NO_OFFSET) {
            object.addProperty("offset", hex(finding.offset()));
        }
        object.addProperty("expected", finding.expected());
        object.addProperty("found", finding.found());
        return object;
    }

    private static JsonObject object(PoolPart part) {
        JsonObject object = new JsonObject();
        object.addProperty("name", part.name());
        object.addProperty("offset", hex(part.offset()));
        object.addProperty("bytes", part.bytes());
        return object;
    }

    private static String hex(long offset) {
        return offset == 0 ? "0x0" : Handles.format(offset);
    }

    static void print(PrintStream out, CheckReport report) {
        out.println("pool      " + report.pool());
        out.println("state     " + report.state());
        out.println("opening   " + (report.opens() ? "" : "would be refused: ") + report.message());
        report.parts().forEach(part -> out.println("part      " + part));
        if (report.findings().isEmpty()) {
            out.println("nothing is wrong");
        }
        report.findings().forEach(finding -> out.println("finding   " + finding));
    }
}
