package pmem.bench.fork;

import java.util.List;
import java.util.Map;

/**
 * How a child is started.
 *
 * @param command program and arguments
 * @param environment variables that are added
 */
public record Launch(List<String> command, Map<String, String> environment) {}
