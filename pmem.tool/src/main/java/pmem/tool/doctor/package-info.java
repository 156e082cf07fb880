/** {@code pmem doctor}: what this machine offers, and what a pool at a path would survive. */
package pmem.tool.doctor;
