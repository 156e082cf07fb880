/**
 * How results are shown: aligned tables and a heap map for people, JSON for programs.
 *
 * <p>Knows neither pools nor commands; those hand it plain numbers and texts.
 */
package pmem.tool.report;
