/**
 * A process for each allocator: one class of allocator in each JVM, native libraries preloaded where they need it, and a crash of
 * a rival costs its rows only.
 *
 * <p>Parent and child speak in lines: the child says {@code ready} with its capabilities; for each {@code round NANOS KIND BYTES
 * THREADS} it answers {@code ok} with the figures of {@link pmem.bench.measure.Round}, or {@code failed} with a reason. The end of
 * its input ends it. The driver in C speaks the same.
 */
package pmem.bench.fork;
