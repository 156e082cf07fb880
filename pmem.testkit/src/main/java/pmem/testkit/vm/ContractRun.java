package pmem.testkit.vm;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import pmem.testkit.contract.ContractTest;
import pmem.testkit.contract.DeviceContract;

/**
 * The part of the contract suite that depends on the device, at several places one after the other. Arguments are {@code NAME=PATH},
 * a folder on a DAX file system or a device each, and before them {@code domain=ID}, the domain the pools get, and {@code themes=LIST},
 * names of some themes instead of all.
 */
public final class ContractRun {
    private final Console console = new Console();
    private List<Class<?>> themes = List.of(DeviceContract.class.getDeclaredClasses());
    private boolean right = true;

    private ContractRun() {}

    /** Runs it; exit code 1 if a test failed, or if there was none. */
    public static void main(String[] arguments) {
        ContractRun run = new ContractRun();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = argument.substring(0, equals);
            String value = argument.substring(equals + 1);
            switch (name) {
                case "domain" -> System.setProperty("pmem.domain", value);
                case "themes" -> run.choose(value);
                default -> run.at(name, Path.of(value));
            }
        }
        run.console.say(run.right ? "done" : "failed");
        System.exit(run.right ? 0 : 1);
    }

    private void choose(String names) {
        if (!names.isEmpty()) {
            Set<String> chosen = Set.of(names.split(",", -1));
            themes = themes.stream()
                    .filter(theme -> chosen.contains(theme.getSimpleName()))
                    .toList();
        }
    }

    private void at(String name, Path place) {
        boolean isFolder = Files.isDirectory(place);
        System.setProperty("pmem.dir", isFolder ? place.toString() : "");
        System.setProperty("pmem.device", isFolder ? "" : place.toString());
        LauncherDiscoveryRequestBuilder builder = LauncherDiscoveryRequestBuilder.request()
                .selectors(themes.stream()
                        .map(theme -> selectNestedClass(List.of(DeviceContract.class), theme))
                        .toList());
        LauncherDiscoveryRequest request = isFolder
                ? builder.build()
                : builder.filters(TagFilter.excludeTags(ContractTest.FILES)).build();
        SummaryGeneratingListener counter = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, counter, new Telling(name));
        TestExecutionSummary summary = counter.getSummary();
        boolean passed = summary.getTotalFailureCount() == 0
                && summary.getTestsAbortedCount() == 0
                && summary.getTestsSucceededCount() > 0;
        right &= passed;
        console.say((passed ? "pass" : "FAIL") + " contract on " + name + ": tests=" + summary.getTestsStartedCount()
                + " passed=" + summary.getTestsSucceededCount() + " failed=" + summary.getTotalFailureCount()
                + " aborted=" + summary.getTestsAbortedCount() + " seconds="
                + (summary.getTimeFinished() - summary.getTimeStarted()) / 1000);
    }

    /** Says which container has ended, so that a long run shows progress, and what has failed. */
    private final class Telling implements TestExecutionListener {
        private final String place;

        Telling(String place) {
            this.place = place;
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                String cause = result.getThrowable().map(Throwable::toString).orElse("no cause");
                console.say("FAIL " + place + " " + test.getUniqueId() + ": "
                        + cause.lines().findFirst().orElse(""));
                result.getThrowable().ifPresent(Throwable::printStackTrace);
            } else if (test.isContainer()) {
                console.say("passed through " + place + " " + test.getDisplayName());
            }
        }
    }
}
