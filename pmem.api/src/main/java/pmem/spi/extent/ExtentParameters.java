package pmem.spi.extent;

import pmem.spi.PolicyParameter;

/** Parameters that all policies over an extent table have. */
public final class ExtentParameters {
    /** Size of a page in bytes. */
    public static final PolicyParameter PAGE_BYTES = new PolicyParameter(
            "pageBytes", 4096, 256, 1 << 20, true, "Size of a page, the unit of slabs and of large blocks, in bytes.");

    private ExtentParameters() {}

    /** The largest block that comes from a slab; anything above takes whole pages. */
    public static PolicyParameter largestClassBytes(long defaultValue) {
        return new PolicyParameter(
                "largestClassBytes",
                defaultValue,
                128,
                1 << 20,
                true,
                "Largest size in bytes that is served from slabs of equal blocks; larger blocks take whole pages.");
    }
}
