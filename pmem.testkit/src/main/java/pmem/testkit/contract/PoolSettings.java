package pmem.testkit.contract;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.platform.commons.support.AnnotationSupport;
import pmem.api.DurabilityDomain;
import pmem.spi.PolicyProvider;
import pmem.spi.Providers;

/** Finds the policies and durability domains there are to test. */
public final class PoolSettings {
    private static final String ONE_POLICY = "pmem.policy";

    private PoolSettings() {}

    /** Every policy a test class is about, on every durability domain that files have where most pools go. */
    public static List<PoolSetting> onFiles(Class<?> testClass) {
        return combine(testClass, fileDomains());
    }

    /** Every policy a test class is about, on every durability domain that files have where most pools go, and in anonymous memory. */
    public static List<PoolSetting> everywhere(Class<?> testClass) {
        Set<DurabilityDomain> domains = new LinkedHashSet<>(fileDomains());
        if (!PoolDirectories.isOneDomain()) {
            domains.add(DurabilityDomain.VOLATILE);
        }
        return combine(testClass, domains);
    }

    /**
     * Every policy a test class is about, on files that are written back by store order alone where that is offered: the
     * cheapest memory that can be opened again.
     */
    public static List<PoolSetting> onCheapestFiles(Class<?> testClass) {
        DurabilityDomain cheapest = DurabilityDomain.PAGE_CACHE_PROCESS_KILL_SAFE;
        Set<DurabilityDomain> offered = fileDomains();
        return combine(testClass, offered.contains(cheapest) ? Set.of(cheapest) : firstOf(offered));
    }

    private static Set<DurabilityDomain> fileDomains() {
        return PoolDirectories.mainDomains();
    }

    /**
     * One policy a test class is about on each durability domain that only files on another device have: the policies take
     * turns, so that all themes together have all of them there.
     *
     * @param theme the theme that asks; none if it {@linkplain ManyFences fences} very often
     */
    public static List<PoolSetting> elsewhere(Class<?> testClass, Class<?> theme) {
        List<PoolSetting> settings = new ArrayList<>();
        if (theme.isAnnotationPresent(ManyFences.class)) {
            return settings;
        }
        for (DurabilityDomain domain : PoolDirectories.otherDomains()) {
            List<PoolSetting> ofAll = combine(testClass, Set.of(domain));
            settings.add(ofAll.get(Math.floorMod(theme.getSimpleName().hashCode(), ofAll.size())));
        }
        return settings;
    }

    private static Set<DurabilityDomain> firstOf(Set<DurabilityDomain> domains) {
        return Set.of(domains.iterator().next());
    }

    private static List<PoolSetting> combine(Class<?> testClass, Set<DurabilityDomain> domains) {
        List<PoolSetting> settings = new ArrayList<>();
        int numaNodes = AnnotationSupport.findAnnotation(testClass, PolicyUnderTest.class)
                .map(PolicyUnderTest::numaNodes)
                .orElse(0);
        policies(testClass).forEach((policy, parameters) -> {
            for (DurabilityDomain domain : domains) {
                settings.add(new PoolSetting(policy, parameters, numaNodes, domain));
            }
        });
        if (settings.isEmpty()) {
            throw new IllegalStateException("no pool to test: class=" + testClass.getName() + " "
                    + ONE_POLICY + "=" + System.getProperty(ONE_POLICY, "")
                    + ", expected a policy and a durability domain,"
                    + " found domains=" + domains
                    + "; put the modules of a policy, pmem.mapping and pmem.recovery on the module path");
        }
        return settings;
    }

    private static Map<String, Map<String, Long>> policies(Class<?> testClass) {
        Map<String, Map<String, Long>> policies = new LinkedHashMap<>();
        Optional<PolicyUnderTest> named = AnnotationSupport.findAnnotation(testClass, PolicyUnderTest.class);
        if (named.isPresent()) {
            policies.put(named.get().value(), parse(named.get().parameters()));
        } else {
            for (PolicyProvider provider : Providers.policies()) {
                policies.put(provider.id(), Map.of());
            }
        }
        String only = System.getProperty(ONE_POLICY, "");
        if (!only.isEmpty()) {
            policies.keySet().retainAll(Set.of(only));
        }
        return policies;
    }

    private static Map<String, Long> parse(String[] parameters) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "policy parameter is not readable: expected name=number, found=\"" + parameter + "\"");
            }
            values.put(parameter.substring(0, equals), Long.valueOf(parameter.substring(equals + 1)));
        }
        return values;
    }
}
