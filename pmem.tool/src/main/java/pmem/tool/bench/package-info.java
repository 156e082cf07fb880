/**
 * {@code pmem bench}: measures pools beside their rivals and writes what it found for programs (CSV, JSON) and for people (HTML
 * with charts, Markdown).
 *
 * <p>What is measured and how is in {@link pmem.bench.campaign}; here are the choice, the programs that need pools only, and the
 * report.
 */
package pmem.tool.bench;
