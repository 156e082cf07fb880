package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LockHolderTest {
    private static final FileFacts FILE = new FileFacts(0x8180, 8, 17, 1234, 4096, 4096, "0:0", 0, 0);

    @Test
    void the_line_of_the_file_names_the_process() {
        assertThat(LockHolder.pidIn(
                        List.of(
                                "1: POSIX  ADVISORY  WRITE 11 08:11:1234 0 EOF",
                                "2: FLOCK  ADVISORY  WRITE 22 08:12:1234 0 EOF",
                                "3: FLOCK  ADVISORY  WRITE 33 08:11:1234 0 EOF",
                                "3: -> FLOCK  ADVISORY  WRITE 44 08:11:1234 0 EOF"),
                        FILE))
                .hasValue(33);
    }

    @Test
    void the_inode_alone_is_enough_where_device_numbers_differ() {
        assertThat(LockHolder.pidIn(List.of("2: FLOCK  ADVISORY  WRITE 22 00:2a:1234 0 EOF"), FILE))
                .hasValue(22);
    }

    @Test
    void other_lines_and_hidden_processes_name_nobody() {
        assertThat(LockHolder.pidIn(List.of("", "garbage", "1: FLOCK  ADVISORY  WRITE 9 08:11:21234 0 EOF"), FILE))
                .isEmpty();
        assertThat(LockHolder.pidIn(List.of("1: FLOCK  ADVISORY  WRITE 0 08:11:1234 0 EOF"), FILE))
                .isEmpty();
        assertThat(LockHolder.pidIn(List.of("1: FLOCK  ADVISORY  WRITE x 08:11:1234 0 EOF"), FILE))
                .isEmpty();
    }
}
