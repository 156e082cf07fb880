package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import pmem.api.InvalidHandleException;
import pmem.api.OutOfSpaceException;
import pmem.api.Pool;
import pmem.api.PoolClosedException;
import pmem.api.PoolOptions;

/**
 * What the themes of the contract share: a pool of the setting under test, and a check after every test that every pool still
 * open is whole.
 */
// A test that hangs (a lane never given back, a lock never released) must fail by name, not stall the build.
@Timeout(60)
public abstract class ContractTest {
    /** The tag of tests that need more than one pool at a time, or what only files have: a device can't have them. */
    public static final String FILES = "files";

    /** The policy and the domain this run of the theme is about. */
    @Parameter(0)
    @SuppressWarnings("NullAway.Init")
    PoolSetting setting;

    /** The class to run again, which is not the nested one that a theme is in. */
    @Parameter(1)
    @SuppressWarnings("NullAway.Init")
    Class<?> outermostTestClass;

    @SuppressWarnings("NullAway.Init")
    private PoolHome home;

    /** For themes. */
    protected ContractTest() {}

    @BeforeEach
    final void makeHome() {
        home = new PoolHome(setting);
    }

    @AfterEach
    final void checkPoolsAndRemoveHome() {
        try (PoolHome closing = home) {
            for (Pool pool : closing.opened()) {
                checkIfOpen(pool);
            }
        }
    }

    private static void checkIfOpen(Pool pool) {
        try {
            pool.stats();
        } catch (PoolClosedException closed) {
            return;
        }
        Blocks.assertWhole(pool);
    }

    /** The pools of this test. */
    protected final PoolHome home() {
        return home;
    }

    /** A new pool of the setting under test. */
    protected final Pool newPool() {
        return home.create();
    }

    /** Options for a new pool of the setting under test. */
    protected final PoolOptions options() {
        return setting.options();
    }

    /** Runs a random test; a failure prints the command that repeats it. */
    protected final void withRandom(Seeded.Body body) {
        Seeded.run(outermostTestClass, "-Dpmem.policy=" + setting.policy(), body);
    }

    static void assertInvalidHandle(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(InvalidHandleException.class);
    }

    static void assertInvalidArgument(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    static void assertOutOfSpace(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(OutOfSpaceException.class);
    }
}
