package pmem.testkit.property;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import pmem.testkit.contract.PoolHome;
import pmem.testkit.contract.PoolSetting;
import pmem.testkit.contract.PoolSettings;

/** The campaign's laws as one jqwik property, with jqwik's own generation, edge cases and shrinking. */
class StatefulPropertyTest {
    private static final int STEPS_MAX = 40;
    private static final Map<String, FreshFigures> FRESH = new ConcurrentHashMap<>();

    @Property
    void any_sequence_of_operations_on_any_policy_keeps_every_law(
            @ForAll("settings") PoolSetting setting, @ForAll("sequences") List<Action> actions) {
        try (PoolHome home = new PoolHome(setting, UnaryOperator.identity())) {
            FreshFigures fresh = FRESH.computeIfAbsent(setting.toString(), name -> FreshFigures.measure(setting));
            new Execution(home, fresh).run(actions);
        }
    }

    @Provide
    Arbitrary<PoolSetting> settings() {
        return Arbitraries.of(PoolSettings.onCheapestFiles(StatefulPropertyTest.class));
    }

    @Provide
    Arbitrary<List<Action>> sequences() {
        return ActionArbitraries.actions().list().ofMaxSize(STEPS_MAX);
    }
}
