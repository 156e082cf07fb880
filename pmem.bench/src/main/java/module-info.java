import org.jspecify.annotations.NullMarked;

/**
 * Measures pools beside their rivals: JMH benchmarks, and rounds of many allocators interleaved in processes of their own.
 *
 * <p>JMH has no module descriptor of its own and forks JVMs by class path, so its benchmarks are compiled as a module and run
 * from the class path, with the other pmem modules on the module path. JMH and the rivals are needed only by those who run them.
 */
@NullMarked
module pmem.bench {
    requires HdrHistogram;
    requires pmem.api;
    requires java.management;
    requires jdk.management;
    requires jdk.unsupported;
    requires static io.netty.buffer;
    requires static jmh.core;
    requires static llpl;
    requires static org.jspecify;

    exports pmem.bench.allocator;
    exports pmem.bench.campaign;
    exports pmem.bench.fork;
    exports pmem.bench.frames;
    exports pmem.bench.measure;
    exports pmem.bench.open;
}
