package pmem.policy.bitmap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import pmem.spi.BlockGroup;
import pmem.spi.ListedBlocks;

/**
 * Blocks that are given back together: arenas of their own, in DRAM only until one of their blocks is taken out of the group.
 *
 * <p>Giving all back costs no write to media: the pages of an arena that was never on media become free, and of any other arena
 * the claimed bits of the group's blocks are cleared, one word for 64 blocks. What no arena of the group can serve, large blocks
 * among them, is kept in a list.
 */
final class ArenaGroup extends BlockGroup {
    /** What an arena of the group has beyond an arena. */
    private static final class Member {
        final Arena arena;
        /** Blocks that were taken out of the group. */
        final long[] detached;

        int detachedCount;
        private int next;

        Member(Arena arena) {
            this.arena = arena;
            detached = new long[(arena.blockCount() + Long.SIZE - 1) / Long.SIZE];
        }

        int claim() {
            int index = arena.claim(next);
            if (index >= 0) {
                next = index + 1 == arena.blockCount() ? 0 : index + 1;
                // It may have been taken out and freed before.
                detached[index / Long.SIZE] &= ~(1L << index);
            }
            return index;
        }

        boolean isDetached(int index) {
            return (detached[index / Long.SIZE] >>> index & 1) != 0;
        }
    }

    private final BitmapPolicy policy;
    private final ListedBlocks others;
    private final Map<Integer, Member> memberOfPage = new HashMap<>();
    private final @Nullable Member[] current;
    private final long[] blocksOfClass;
    private final AtomicLong blocks = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    ArenaGroup(BitmapPolicy policy, int classCount) {
        this.policy = policy;
        others = new ListedBlocks(policy);
        current = new Member[classCount];
        blocksOfClass = new long[classCount];
    }

    @Override
    public long reserve(long askedBytes, long alignmentBytes) {
        int classIndex = policy.classOf(askedBytes, alignmentBytes);
        if (classIndex < 0) {
            return others.reserve(askedBytes, alignmentBytes);
        }
        Member member = current[classIndex];
        int index = member == null ? Arena.NO_BLOCK : member.claim();
        if (index < 0) {
            member = policy.borrow(classIndex, blocksOfClass[classIndex])
                    .map(Member::new)
                    .orElse(null);
            if (member == null) {
                return others.reserve(askedBytes, alignmentBytes);
            }
            memberOfPage.put(member.arena.firstPage(), member);
            current[classIndex] = member;
            blocksOfClass[classIndex] += member.arena.blockCount();
            index = member.claim();
        }
        count(1, member.arena.blockBytes());
        return member.arena.handleOf(index);
    }

    @Override
    public long usableBytes(long handle) {
        Member member = memberOf(handle);
        if (member == null) {
            return others.usableBytes(handle);
        }
        int index = member.arena.indexOf(handle);
        boolean has = index >= 0 && member.arena.isClaimed(index) && !member.isDetached(index);
        return has ? member.arena.blockBytes() : 0;
    }

    private @Nullable Member memberOf(long handle) {
        return policy.arenaOf(handle)
                .map(arena -> memberOfPage.get(arena.firstPage()))
                .orElse(null);
    }

    @Override
    public void detach(long handle) {
        Member member = memberOf(handle);
        if (member == null) {
            others.detach(handle);
            return;
        }
        if (member.detachedCount++ == 0) {
            policy.keep(member.arena);
        }
        int index = member.arena.indexOf(handle);
        member.detached[index / Long.SIZE] |= 1L << index;
        count(-1, -member.arena.blockBytes());
    }

    @Override
    public void release() {
        count(-blocks.get(), -bytes.get());
        Arrays.fill(current, null);
        for (Member member : memberOfPage.values()) {
            if (member.detachedCount == 0) {
                policy.giveBack(member.arena);
            } else {
                member.arena.unclaimAllBut(member.detached);
                policy.join(member.arena);
            }
        }
        memberOfPage.clear();
        others.release();
    }

    @Override
    public long blocks() {
        return blocks.get() + others.blocks();
    }

    @Override
    public long usableBytes() {
        return bytes.get() + others.usableBytes();
    }

    // The owner alone writes.
    private void count(long addedBlocks, long addedBytes) {
        blocks.setRelease(blocks.getPlain() + addedBlocks);
        bytes.setRelease(bytes.getPlain() + addedBytes);
    }
}
