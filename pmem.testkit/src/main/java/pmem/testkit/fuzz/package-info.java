/**
 * Image fuzzing: pools whose media was damaged are opened, verified, checked and repaired, and every answer is judged.
 *
 * <p>{@link pmem.testkit.fuzz.ImageFuzzer} makes small pools of a policy, damages their images in every
 * {@linkplain pmem.testkit.fuzz.Damage way media fails}, and demands of each image a typed answer within a bounded number of
 * steps, blocks that are intact wherever their metadata was not touched, and a repair that leaves a sound pool or none changed.
 */
package pmem.testkit.fuzz;
