package pmem.testkit.crash;

import java.util.Optional;
import java.util.function.Function;
import pmem.testkit.region.CrashImages;

/**
 * The simplest image near a failing one that fails too.
 *
 * @param problem what is wrong with it
 */
record FailingImage(String problem) {
    /**
     * Moves each line in turn to its newest version, else to its durable one, as long as the image still fails: what then
     * differs from "everything on media" is what matters. The result is the current image of {@code images}.
     */
    static FailingImage minimise(CrashImages images, Function<CrashImages, Optional<String>> problemOf) {
        int[] selection = images.selection();
        String problem = problemOf.apply(images).orElse("the image fails only the first time it is recovered");
        for (int i = 0; i < selection.length; i++) {
            int original = selection[i];
            for (int version : new int[] {images.versions(i) - 1, 0}) {
                selection[i] = version;
                images.select(selection);
                Optional<String> still = problemOf.apply(images);
                if (still.isPresent()) {
                    problem = still.get();
                    break;
                }
                selection[i] = original;
            }
        }
        images.select(selection);
        return new FailingImage(problem);
    }
}
