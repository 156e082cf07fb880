import org.jspecify.annotations.NullMarked;

/**
 * JMH benchmarks over every policy.
 *
 * <p>JMH has no module descriptor of its own and forks JVMs by class path, so benchmarks are compiled as a module and run
 * from the class path, with the other pmem modules on the module path.
 */
@NullMarked
module pmem.bench {
    exports pmem.bench.open;

    requires java.management;
    requires pmem.api;
    requires jmh.core;
    requires static org.jspecify;
}
