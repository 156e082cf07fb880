import org.jspecify.annotations.NullMarked;

/**
 * The proof kit: what somebody who writes a placement policy runs to show that it keeps the promises of {@link pmem.api.Pool}.
 *
 * <p>It knows pools only through {@link pmem.api} and {@link pmem.spi} and finds the implementations with
 * {@link java.util.ServiceLoader}, so it proves any policy on the module path, the ones of this project included.
 */
@NullMarked
module pmem.testkit {
    requires java.management;
    requires transitive pmem.api;
    // Needed by whoever runs the contract suite or the campaign, not by the explorer alone.
    requires static transitive org.junit.jupiter.api;
    requires static transitive org.junit.jupiter.params;
    requires static net.jqwik.api;
    requires static org.assertj.core;
    requires static org.jspecify;
    requires static org.junit.platform.engine;
    requires static org.junit.platform.launcher;

    exports pmem.testkit.contract;
    exports pmem.testkit.crash;
    exports pmem.testkit.fuzz;
    exports pmem.testkit.property;
    exports pmem.testkit.region;
    exports pmem.testkit.schedule;

    // JUnit calls the inherited tests, which are package-private, by reflection.
    opens pmem.testkit.contract to
            org.junit.platform.commons;
    opens pmem.testkit.property to
            org.junit.platform.commons;
}
