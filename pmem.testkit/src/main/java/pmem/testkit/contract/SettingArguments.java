package pmem.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Gives JUnit the settings a theme is run with; public only because annotations name it. */
public final class SettingArguments {
    private SettingArguments() {}

    /** For {@link OnEveryDomain}. */
    public static final class Everywhere implements ArgumentsProvider {
        /** For JUnit. */
        public Everywhere() {}

        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            return arguments(context, PoolSettings::everywhere);
        }
    }

    /** For {@link OnEveryFileDomain}. */
    public static final class OnFiles implements ArgumentsProvider {
        /** For JUnit. */
        public OnFiles() {}

        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            return arguments(context, PoolSettings::onFiles);
        }
    }

    private static Stream<Arguments> arguments(
            ExtensionContext context, Function<Class<?>, List<PoolSetting>> settings) {
        Class<?> testClass = outermostTestClass(context);
        List<PoolSetting> all = new ArrayList<>(settings.apply(testClass));
        all.addAll(PoolSettings.elsewhere(testClass, context.getRequiredTestClass()));
        return all.stream().map(setting -> Arguments.of(setting, testClass));
    }

    // A theme nested in a contract is about what the outermost class says.
    private static Class<?> outermostTestClass(ExtensionContext context) {
        Class<?> outermost = context.getRequiredTestClass();
        Optional<ExtensionContext> next = context.getParent();
        while (next.isPresent()) {
            outermost = next.get().getTestClass().orElse(outermost);
            next = next.get().getParent();
        }
        return outermost;
    }
}
