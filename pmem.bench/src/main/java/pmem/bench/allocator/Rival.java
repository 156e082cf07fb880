package pmem.bench.allocator;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Who is measured beside the pools, and what each needs. Names are those of results. */
public enum Rival {
    /** Each block an arena of its own. */
    ARENA("Arena.ofConfined", Needs.nothing()),
    /** The old way. */
    UNSAFE("Unsafe", Needs.nothing()),
    /** The C library from Java. */
    MALLOC("malloc", Needs.nothing()),
    /** jemalloc from Java. */
    JEMALLOC("jemalloc", Needs.preloaded("libjemalloc2", "libjemalloc.so.2")),
    /** mimalloc from Java. */
    MIMALLOC("mimalloc", Needs.preloaded("libmimalloc2.0", "libmimalloc.so.3", "libmimalloc.so.2")),
    /** tcmalloc from Java. */
    TCMALLOC("tcmalloc", Needs.preloaded("libtcmalloc-minimal4", "libtcmalloc_minimal.so.4", "libtcmalloc.so.4")),
    /** Netty's default until 4.2. */
    NETTY_POOLED("Netty pooled", Needs.module("io.netty.buffer")),
    /** Netty's default now. */
    NETTY_ADAPTIVE("Netty adaptive", Needs.module("io.netty.buffer")),
    /** memkind over a file. */
    MEMKIND("memkind PMEM", Needs.library("libmemkind0", "libmemkind.so.0")),
    /** PMDK from Java. */
    PMEMOBJ("libpmemobj", Needs.library("libpmemobj1", "libpmemobj.so.1").durable()),
    /** PMDK from C, handles in volatile variables. */
    C_PMEMOBJ(
            "libpmemobj (C)",
            Needs.library("libpmemobj1", "libpmemobj.so.1").durable().inC()),
    /** PMDK from C, handles in durable words that are set with the allocation. */
    C_PMEMOBJ_SLOT(
            "libpmemobj slot (C)",
            Needs.library("libpmemobj1", "libpmemobj.so.1").durable().inC()),
    /** LLPL's blocks. */
    LLPL("LLPL Heap", Needs.llpl()),
    /** LLPL's compact blocks. */
    LLPL_COMPACT("LLPL compact", Needs.llpl()),
    /** LLPL's blocks of its heap for durable objects. */
    LLPL_PERSISTENT("LLPL persistent", Needs.llpl()),
    /** LLPL's transactional blocks. */
    LLPL_TRANSACTIONAL("LLPL transactional", Needs.llpl()),
    /** The C library from C. */
    C_MALLOC("malloc (C)", Needs.cCompiler()),
    /** jemalloc from C. */
    C_JEMALLOC(
            "jemalloc (C)", Needs.preloaded("libjemalloc2", "libjemalloc.so.2").inC()),
    /** mimalloc from C. */
    C_MIMALLOC(
            "mimalloc (C)",
            Needs.preloaded("libmimalloc2.0", "libmimalloc.so.3", "libmimalloc.so.2")
                    .inC()),
    /** tcmalloc from C. */
    C_TCMALLOC(
            "tcmalloc (C)",
            Needs.preloaded("libtcmalloc-minimal4", "libtcmalloc_minimal.so.4", "libtcmalloc.so.4")
                    .inC()),
    /** The bare instructions from C. */
    C_FLOOR("floor (C)", Needs.cCompiler().durable());

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // a record with an immutable list
    private final Needs needs;

    Rival(String title, Needs needs) {
        this.title = title;
        this.needs = needs;
    }

    /** The name in results. */
    public String title() {
        return title;
    }

    /** What must be there. */
    public Needs needs() {
        return needs;
    }

    /** The row it stands in. */
    public Subject subject() {
        return new Subject(title, "", needs.isDurable() ? "forced-cache-line" : "volatile");
    }

    /** The rival of this name, if it is one. */
    public static Optional<Rival> of(String title) {
        return Arrays.stream(values())
                .filter(rival -> rival.title.equals(title))
                .findFirst();
    }

    /**
     * What a rival needs.
     *
     * @param debianPackage package that has the library, empty if none is needed
     * @param libraries file names of the library, best first
     * @param preload whether the library replaces the C library's functions in the whole process
     * @param module automatic module on the module path or class path, empty if none
     * @param compiler whether a C compiler makes its driver
     * @param isDurable whether its operations are durable, on memory that is treated as persistent
     */
    public record Needs(
            String debianPackage,
            List<String> libraries,
            boolean preload,
            String module,
            boolean compiler,
            boolean isDurable) {
        private static Needs nothing() {
            return new Needs("", List.of(), false, "", false, false);
        }

        private static Needs preloaded(String debianPackage, String... libraries) {
            return new Needs(debianPackage, List.of(libraries), true, "", false, false);
        }

        private static Needs library(String debianPackage, String library) {
            return new Needs(debianPackage, List.of(library), false, "", false, false);
        }

        private static Needs llpl() {
            // It asks for libpmemobj too, on which this package depends.
            return new Needs("libpmempool1", List.of("libpmempool.so.1"), false, "llpl", false, true);
        }

        private static Needs module(String module) {
            return new Needs("", List.of(), false, module, false, false);
        }

        private static Needs cCompiler() {
            return new Needs("", List.of(), false, "", true, false);
        }

        private Needs inC() {
            return new Needs(debianPackage, libraries, preload, module, true, isDurable);
        }

        private Needs durable() {
            return new Needs(debianPackage, libraries, preload, module, compiler, true);
        }
    }
}
