package pmem.policy.buddy;

import pmem.spi.PolicyAccess;

/** One thread's access: a {@link Stripe} of its own. */
final class BuddyAccess extends PolicyAccess {
    private final BuddyPolicy policy;
    private final Stripe stripe;

    BuddyAccess(BuddyPolicy policy, Stripe stripe) {
        super(policy);
        this.policy = policy;
        this.stripe = stripe;
    }

    @Override
    public long reserve(long bytes, long alignmentBytes) {
        return policy.reserve(stripe, bytes, alignmentBytes);
    }

    @Override
    public void release(long handle, long allocatedValue) {
        policy.release(stripe, handle, allocatedValue);
    }

    @Override
    public void close() {
        stripe.giveUp();
    }
}
