package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import pmem.api.PoolOpenException.Reason;

/** Also stands for the cases that a test run by root, or without a read-only file system, cannot make. */
class ErrnoTest {
    @Test
    void every_error_number_has_its_reason() {
        Map<Integer, Reason> expected = Map.ofEntries(
                Map.entry(Errno.ENOENT, Reason.NOT_FOUND),
                Map.entry(Errno.ENOTDIR, Reason.NOT_FOUND),
                Map.entry(Errno.EEXIST, Reason.EXISTS),
                Map.entry(Errno.EISDIR, Reason.NOT_A_FILE),
                Map.entry(Errno.ENXIO, Reason.NOT_A_FILE),
                Map.entry(Errno.ENODEV, Reason.NOT_A_FILE),
                Map.entry(Errno.ELOOP, Reason.NOT_A_FILE),
                Map.entry(Errno.EAGAIN, Reason.LOCKED),
                Map.entry(Errno.EACCES, Reason.NO_PERMISSION),
                Map.entry(Errno.EPERM, Reason.NO_PERMISSION),
                Map.entry(Errno.EROFS, Reason.READ_ONLY),
                Map.entry(Errno.ENOSPC, Reason.NO_SPACE),
                Map.entry(Errno.EDQUOT, Reason.NO_SPACE),
                Map.entry(Errno.EFBIG, Reason.NO_SPACE),
                Map.entry(Errno.ENOMEM, Reason.SYSTEM),
                Map.entry(Errno.EIO, Reason.SYSTEM));
        expected.forEach((error, reason) ->
                assertThat(Errno.reason(error)).as(Errno.describe(error)).isEqualTo(reason));
    }

    @Test
    void the_systems_text_is_part_of_the_message() {
        assertThat(Errno.describe(Errno.ENOSPC)).isEqualTo("errno=28 (No space left on device)");
    }
}
