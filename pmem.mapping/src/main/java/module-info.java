import org.jspecify.annotations.NullMarked;

/**
 * Files and anonymous memory as regions, through {@code java.lang.foreign}.
 *
 * <p>The only module that calls native functions; run with {@code --enable-native-access=pmem.mapping}. Files need Linux on a
 * 64-bit processor. Write-back of cache lines needs x86-64 or AArch64 and a host that lets the process make executable pages, or
 * the library libpmem; elsewhere it falls back to {@code msync}. {@link pmem.api.Durability#notes()} says which was taken and why.
 */
@NullMarked
module pmem.mapping {
    requires pmem.api;
    requires static org.jspecify;

    provides pmem.spi.RegionProvider with
            pmem.mapping.MappingProvider;
}
