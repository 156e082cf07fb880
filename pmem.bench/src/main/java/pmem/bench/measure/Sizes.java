package pmem.bench.measure;

/** The sizes of the blocks of a mixed workload, drawn beforehand. */
final class Sizes {
    private Sizes() {}

    /** All the same. */
    static long[] fixed(int count, long bytes) {
        long[] sizes = new long[count];
        java.util.Arrays.fill(sizes, bytes);
        return sizes;
    }

    /** 64, 128, ... 4096, each as likely. */
    static long[] multiplesOf64(int count) {
        Random64 random = new Random64(64);
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = 64L * (1 + random.below(64));
        }
        return sizes;
    }

    /** 32, 64, 256, 1024 and 4096 in turn, as a program that has a few types of object. */
    static long[] list(int count) {
        long[] few = {32, 64, 256, 1024, 4096};
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = few[i % few.length];
        }
        return sizes;
    }

    /** 16, 32, ... 4096, each as likely. */
    static long[] multiplesOf16(int count) {
        Random64 random = new Random64(16);
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = 16L * (1 + random.below(256));
        }
        return sizes;
    }

    /** PMem Allocator's own benchmark: {@code 32 i mod 1024}, where 0 stands for 1024. */
    static long[] pmemAllocator(int count) {
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            long bytes = 32L * i % 1024;
            sizes[i] = bytes == 0 ? 1024 : bytes;
        }
        return sizes;
    }

    /** 16 to 64 KiB, a size being as likely as the inverse of its square: nearly all small, a few large. */
    static long[] inverseSquare(int count) {
        Random64 random = new Random64(2);
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            double u = random.below(1 << 30) / (double) (1 << 30);
            // The inverse of the distribution function of min/x^2 on [min, max].
            sizes[i] = (long) (16 / (1 - u * (1 - 16.0 / 65_536)));
        }
        return sizes;
    }
}
