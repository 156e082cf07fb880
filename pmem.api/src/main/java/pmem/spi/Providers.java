package pmem.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import pmem.api.PoolOpenException;

/** Finds providers on the module path. */
public final class Providers {
    private Providers() {}

    /**
     * The one provider of a service.
     *
     * @throws PoolOpenException if there is none
     */
    public static <T> T only(Class<T> service) {
        return loader(service)
                .findFirst()
                .orElseThrow(() -> new PoolOpenException(
                        PoolOpenException.Reason.NO_PROVIDER,
                        "no provider found: service=" + service.getName()
                                + "; put the modules pmem.mapping and pmem.recovery on the module path"));
    }

    /** All policies, in the order of their ids. */
    public static List<PolicyProvider> policies() {
        List<PolicyProvider> found = new ArrayList<>();
        loader(PolicyProvider.class).forEach(found::add);
        found.sort((a, b) -> a.id().compareTo(b.id()));
        return found;
    }

    /**
     * The policy with this id.
     *
     * @throws PoolOpenException if it is not on the module path; the message lists those that are
     */
    public static PolicyProvider policy(String id) {
        List<String> known = new ArrayList<>();
        for (PolicyProvider provider : policies()) {
            if (provider.id().equals(id)) {
                return provider;
            }
            known.add(provider.id());
        }
        throw new PoolOpenException(
                PoolOpenException.Reason.NO_PROVIDER,
                "unknown policy: expected one of " + known + ", found=" + id
                        + "; put the policy's module on the module path or choose another");
    }

    // The service is declared in this module's descriptor whichever of the three it is.
    private static <T> ServiceLoader<T> loader(Class<T> service) {
        ModuleLayer layer = Providers.class.getModule().getLayer();
        return layer == null ? ServiceLoader.load(service) : ServiceLoader.load(layer, service);
    }
}
