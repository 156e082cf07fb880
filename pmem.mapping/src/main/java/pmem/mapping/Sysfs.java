package pmem.mapping;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the kernel tells of its devices in files. Nothing here fails: what cannot be read is not known. Immutable.
 *
 * <p>A device's folder lies inside those of the devices it is part of, so what it does not tell itself is looked for above:
 *
 * <pre>
 * .../ndbus0/region1/                 persistence_domain, numa_node
 * .../ndbus0/region1/dax1.0/dax1.0/   size, align, dev; subsystem -> .../bus/dax     a DAX device
 * .../ndbus0/region0/pfn0.0/block/pmem0/   queue/dax                                 a block device
 * </pre>
 */
final class Sysfs {
    /** The one of this system. */
    static final Sysfs SYSTEM = new Sysfs(Path.of("/sys"));

    private static final String DAX_SUBSYSTEM = "dax";
    private static final int SLAVE_DEPTH_MAX = 8;

    private final Path root;

    /** The files below {@code root}, which is {@code /sys} or a likeness of it. */
    Sysfs(Path root) {
        this.root = root;
    }

    /** The DAX device with this number; empty if a device has it that is none. */
    Optional<DaxDevice> daxDevice(int major, int minor) {
        Optional<Path> device = followed(root.resolve("dev/char/" + major + ":" + minor));
        if (device.isEmpty() || !isDax(device.get())) {
            return Optional.empty();
        }
        OptionalLong size = number(device.get().resolve("size"));
        OptionalLong align = number(device.get().resolve("align"));
        if (size.isEmpty() || align.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new DaxDevice(size.getAsLong(), align.getAsLong(), memory(device.get())));
    }

    /** What is known of the memory of a block device; of one put together from others, what holds for all of them. */
    DeviceMemory blockDevice(int major, int minor) {
        return followed(root.resolve("dev/block/" + major + ":" + minor))
                .map(device -> ofBlockDevice(device, SLAVE_DEPTH_MAX))
                .orElse(DeviceMemory.UNKNOWN);
    }

    private DeviceMemory ofBlockDevice(Path device, int depth) {
        Optional<DeviceMemory> together = Optional.empty();
        for (Path slave : entries(device.resolve("slaves"))) {
            Optional<Path> part = followed(slave);
            DeviceMemory memory =
                    part.isEmpty() || depth == 0 ? DeviceMemory.UNKNOWN : ofBlockDevice(part.get(), depth - 1);
            together = Optional.of(together.map(memory::and).orElse(memory));
        }
        return together.orElseGet(() -> memory(device));
    }

    private static DeviceMemory memory(Path device) {
        PersistenceDomain domain =
                above(device, "persistence_domain").map(PersistenceDomain::ofId).orElse(PersistenceDomain.UNKNOWN);
        return new DeviceMemory(domain, node(device));
    }

    // Some devices on the way say -1, which means that they do not know.
    private static OptionalInt node(Path device) {
        for (Path at = device; at != null; at = at.getParent()) {
            OptionalLong node = number(at.resolve("numa_node"));
            if (node.isPresent() && node.getAsLong() >= 0) {
                return OptionalInt.of((int) node.getAsLong());
            }
        }
        return OptionalInt.empty();
    }

    private static boolean isDax(Path device) {
        return followed(device.resolve("subsystem"))
                .map(Path::getFileName)
                .filter(name -> name.toString().equals(DAX_SUBSYSTEM))
                .isPresent();
    }

    private static Optional<String> above(Path device, String attribute) {
        for (Path at = device; at != null; at = at.getParent()) {
            Optional<String> text = text(at.resolve(attribute));
            if (text.isPresent()) {
                return text;
            }
        }
        return Optional.empty();
    }

    private static List<Path> entries(Path folder) {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            found.forEach(entries::add);
        } catch (IOException none) {
            return List.of();
        }
        return entries;
    }

    /** The text of an attribute, by its path below the root. */
    Optional<String> attribute(String path) {
        return text(root.resolve(path));
    }

    /** The numbers of the NUMA nodes there are. */
    List<Integer> nodes() {
        List<Integer> nodes = new ArrayList<>();
        for (Path entry : entries(root.resolve("devices/system/node"))) {
            String name = String.valueOf(entry.getFileName());
            if (name.matches("node\\d{1,5}")) {
                nodes.add(Integer.valueOf(name.substring("node".length())));
            }
        }
        nodes.sort(Integer::compare);
        return nodes;
    }

    /** The numbers of the processors of a NUMA node. */
    List<Integer> processorsOf(int node) {
        return attribute("devices/system/node/node" + node + "/cpulist")
                .map(Topology::numbers)
                .orElse(List.of());
    }

    private static Optional<Path> followed(Path link) {
        try {
            return Optional.of(link.toRealPath());
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(Path attribute) {
        try {
            return Optional.of(Files.readString(attribute).strip());
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private static OptionalLong number(Path attribute) {
        try {
            return text(attribute).map(Long::decode).map(OptionalLong::of).orElse(OptionalLong.empty());
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }
}
