package pmem.mapping;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A likeness of {@code /sys} with devices as the kernel shows them. */
final class FakeSysfs {
    private final Path root;

    FakeSysfs(Path root) {
        this.root = root;
    }

    Sysfs sysfs() {
        return new Sysfs(root);
    }

    /** A DAX device below a region; the region's folder. */
    Path daxDevice(String number, long sizeBytes, String align) {
        Path region = root.resolve("devices/ndbus0/region1");
        Path device = region.resolve("dax1.0/dax1.0");
        write(device.resolve("size"), Long.toString(sizeBytes));
        write(device.resolve("align"), align);
        link(device.resolve("subsystem"), directory(root.resolve("bus/dax")));
        link(root.resolve("dev/char").resolve(number), device);
        return region;
    }

    /** A device of characters that is something else. */
    void otherDevice(String number) {
        Path device = directory(root.resolve("devices/virtual/mem/other"));
        write(device.resolve("size"), "4194304");
        write(device.resolve("align"), "4096");
        link(device.resolve("subsystem"), directory(root.resolve("class/mem")));
        link(root.resolve("dev/char").resolve(number), device);
    }

    /** A block device below a region; the region's folder. */
    Path blockDevice(String number, String region) {
        Path folder = root.resolve("devices/ndbus0").resolve(region);
        link(
                root.resolve("dev/block").resolve(number),
                directory(folder.resolve("pfn/block").resolve("pmem" + number)));
        return folder;
    }

    /** A block device made of others. */
    void stackedDevice(String number, String... parts) {
        Path device = directory(root.resolve("devices/virtual/block/dm" + number));
        for (String part : parts) {
            try {
                link(
                        device.resolve("slaves").resolve(part),
                        root.resolve("dev/block").resolve(part).toRealPath());
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        link(root.resolve("dev/block").resolve(number), device);
    }

    static void write(Path file, String text) {
        try {
            directory(Objects.requireNonNull(file.getParent()));
            Files.writeString(file, text + "\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Path directory(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void link(Path link, Path target) {
        try {
            directory(Objects.requireNonNull(link.getParent()));
            Files.createSymbolicLink(link, target);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
