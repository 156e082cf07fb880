package pmem.bench.allocator;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.EnumSet;
import java.util.Set;
import pmem.bench.measure.Allocator;
import pmem.bench.measure.Capability;

/** Netty's direct buffers. */
final class NettyAllocator implements Allocator {
    private final ByteBufAllocator allocator;
    private final ByteBuf[] buffers;

    private NettyAllocator(ByteBufAllocator allocator, Setting setting) {
        this.allocator = allocator;
        buffers = new ByteBuf[setting.slots()];
    }

    /** The allocator that was the default until 4.2. */
    static NettyAllocator pooled(Setting setting) {
        return new NettyAllocator(new PooledByteBufAllocator(true), setting);
    }

    /** The allocator that is the default from 4.2 on. */
    static NettyAllocator adaptive(Setting setting) {
        return new NettyAllocator(new AdaptiveByteBufAllocator(true), setting);
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.PLAIN, Capability.REALLOCATE, Capability.TOUCH, Capability.REMOTE_FREE);
    }

    @Override
    public void allocate(int slot, long bytes) {
        buffers[slot] = allocator.directBuffer((int) bytes);
    }

    @Override
    public void free(int slot) {
        buffers[slot].release();
    }

    @Override
    public void reallocate(int slot, long oldBytes, long newBytes) {
        buffers[slot].capacity((int) newBytes);
    }

    @Override
    public void touch(int slot, long bytes) {
        ByteBuf buffer = buffers[slot];
        for (int at = 0; at < bytes; at += 4096) {
            buffer.setByte(at, 1);
        }
    }

    @Override
    public void close() {}
}
