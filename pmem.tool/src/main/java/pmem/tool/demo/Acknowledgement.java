package pmem.tool.demo;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A thread of the child has finished an operation.
 *
 * <p>Written as {@value #BYTES} bytes, with the frame's kind, by one {@code write(2)} to a pipe: shorter than PIPE_BUF, so the
 * kernel takes it whole or not at all, and what it has taken outlives the writer.
 *
 * @param thread the thread
 * @param position how many operations the thread had done before
 * @param handle where the object is now; none after a free
 */
record Acknowledgement(int thread, long position, long handle) {
    static final int BYTES = 2 * Integer.BYTES + 2 * Long.BYTES;

    /** Puts a whole message into the buffer from its start. */
    static void encode(ByteBuffer buffer, int thread, long position, long handle) {
        buffer.clear()
                .putInt(Frames.ACKNOWLEDGEMENT)
                .putInt(thread)
                .putLong(position)
                .putLong(handle);
    }

    /** Reads a message after its kind. */
    static Acknowledgement read(DataInputStream in) throws IOException {
        return new Acknowledgement(in.readInt(), in.readLong(), in.readLong());
    }
}
