package pmem.testkit.contract;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the policy a contract or campaign class is about; without it the class runs over every policy on the module path.
 * The system property {@code pmem.policy} narrows either to one id.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface PolicyUnderTest {
    /** Id of the policy, as its provider reports it. */
    String value();

    /** Parameters other than the defaults, each as {@code name=number}. */
    String[] parameters() default {};

    /** Among how many NUMA nodes pools are divided, which are simulated; 0 if they are not divided. */
    int numaNodes() default 0;
}
