package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LineFunctionsTest {
    private static final long BYTES = 4096;

    private static void tryOn(LineFunctions functions) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(BYTES, BYTES);
            memory.set(ValueLayout.JAVA_LONG, 0, 42);
            functions.writeBackLines().invokeExact(memory.address(), BYTES / 64);
            functions.fence().invokeExact();
            functions.writeBackLineAndFence().invokeExact(memory.address() + 63);
            assertThat(memory.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
        }
    }

    @Test
    void the_first_choice_is_code_of_our_own_and_needs_no_note() throws Throwable {
        LineFunctions functions = LineFunctions.choose();
        tryOn(functions);
        if (!Platform.X86_64 || !Platform.LINUX) {
            System.out.println("not run: own code for this processor on " + Platform.description());
            return;
        }
        assertThat(functions.availability().works()).isTrue();
        assertThat(functions.availability().writeBack()).isIn("clwb", "clflushopt", "clflush");
        assertThat(functions.availability().fence()).isEqualTo("sfence");
        assertThat(functions.availability().note()).isEmpty();
    }

    @Test
    void the_second_choice_is_libpmem_and_says_what_was_wrong_with_the_first() throws Throwable {
        Optional<LineFunctions> library = LineFunctions.ofLibrary("no page for machine code");
        if (library.isEmpty()) {
            System.out.println("not run: libpmem is not installed");
            return;
        }
        tryOn(library.get());
        assertThat(library.get().availability().writeBack()).isEqualTo("pmem_flush");
        assertThat(library.get().availability().note().orElse("")).contains("libpmem", "no page for machine code");
    }
}
