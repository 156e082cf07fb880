package pmem.mapping;

import java.util.Arrays;

/**
 * Machine code of three leaf functions for x86-64 in the C calling convention: first argument in {@code rdi}, second in
 * {@code rsi}, no stack, no other register changed.
 *
 * <pre>
 * writeBackLines(rdi address, rsi lines > 0)   fence()      writeBackLineAndFence(rdi address)
 *   again: clwb [rdi]                            sfence       clwb [rdi]
 *          add  rdi, 64                          ret          sfence
 *          sub  rsi, 1                                        ret
 *          jnz  again
 *          ret
 * </pre>
 */
final class CacheLineCode {
    private static final byte[] CLWB = bytes(0x66, 0x0f, 0xae, 0x37);
    private static final byte[] CLFLUSHOPT = bytes(0x66, 0x0f, 0xae, 0x3f);
    private static final byte[] CLFLUSH = bytes(0x0f, 0xae, 0x3f);
    private static final byte[] ADD_RDI_64 = bytes(0x48, 0x83, 0xc7, 0x40);
    private static final byte[] SUB_RSI_1 = bytes(0x48, 0x83, 0xee, 0x01);
    private static final byte[] SFENCE = bytes(0x0f, 0xae, 0xf8);
    private static final byte[] RET = bytes(0xc3);
    private static final int JNZ_OPCODE = 0x75;
    private static final int JNZ_BYTES = 2;

    private CacheLineCode() {}

    static byte[] writeBackLines(WriteBackInstruction instruction) {
        byte[] body = concat(encoding(instruction), ADD_RDI_64, SUB_RSI_1);
        // The distance of a jump counts from the end of the jump.
        return concat(body, bytes(JNZ_OPCODE, -(body.length + JNZ_BYTES)), RET);
    }

    static byte[] fence() {
        return concat(SFENCE, RET);
    }

    static byte[] writeBackLineAndFence(WriteBackInstruction instruction) {
        return concat(encoding(instruction), SFENCE, RET);
    }

    private static byte[] encoding(WriteBackInstruction instruction) {
        return switch (instruction) {
            case CLWB -> CLWB;
            case CLFLUSHOPT -> CLFLUSHOPT;
            case CLFLUSH -> CLFLUSH;
        };
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] concat(byte[]... parts) {
        byte[] all = new byte[0];
        for (byte[] part : parts) {
            int start = all.length;
            all = Arrays.copyOf(all, start + part.length);
            System.arraycopy(part, 0, all, start, part.length);
        }
        return all;
    }
}
