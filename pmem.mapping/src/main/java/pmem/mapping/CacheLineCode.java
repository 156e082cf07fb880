package pmem.mapping;

import java.util.Arrays;

/**
 * Machine code of leaf functions for x86-64 in the C calling convention: first argument in {@code rdi}, second in
 * {@code rsi}, no stack, no register of the caller's changed.
 *
 * <pre>
 * writeBackLines(rdi address, rsi lines > 0)   fence()      writeBackLineAndFence(rdi address)
 *   again: clwb [rdi]                            sfence       clwb [rdi]
 *          add  rdi, 64                          ret          sfence
 *          sub  rsi, 1                                        ret
 *          jnz  again
 *          ret
 *
 * storeAndFence(rdi address, rsi value)
 *          movnti [rdi], rsi
 *          sfence
 *          ret
 * </pre>
 */
final class CacheLineCode {
    private static final byte[] CLWB = bytes(0x66, 0x0f, 0xae, 0x37);
    private static final byte[] CLFLUSHOPT = bytes(0x66, 0x0f, 0xae, 0x3f);
    private static final byte[] CLFLUSH = bytes(0x0f, 0xae, 0x3f);
    private static final byte[] ADD_RDI_64 = bytes(0x48, 0x83, 0xc7, 0x40);
    private static final byte[] SUB_RSI_1 = bytes(0x48, 0x83, 0xee, 0x01);
    private static final byte[] MOVNTI_RSI_AT_RDI = bytes(0x48, 0x0f, 0xc3, 0x37);
    private static final byte[] SFENCE = bytes(0x0f, 0xae, 0xf8);
    private static final byte[] RET = bytes(0xc3);
    private static final int JNZ_OPCODE = 0x75;
    private static final int JNZ_BYTES = 2;

    private static final byte[] PUSH_RBX = bytes(0x53);
    private static final byte[] POP_RBX = bytes(0x5b);
    private static final byte[] MOV_EAX_EDI = bytes(0x89, 0xf8);
    private static final byte[] XOR_ECX_ECX = bytes(0x31, 0xc9);
    private static final byte[] CPUID = bytes(0x0f, 0xa2);
    private static final byte[] STORE_EAX_EBX_ECX_EDX_AT_RSI =
            bytes(0x89, 0x06, 0x89, 0x5e, 0x04, 0x89, 0x4e, 0x08, 0x89, 0x56, 0x0c);

    private CacheLineCode() {}

    /** {@code cpuid(rdi leaf, rsi address of 16 bytes)}: sub-leaf 0; keeps rbx, which belongs to the caller. */
    static byte[] cpuid() {
        return concat(PUSH_RBX, MOV_EAX_EDI, XOR_ECX_ECX, CPUID, STORE_EAX_EBX_ECX_EDX_AT_RSI, POP_RBX, RET);
    }

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

    static byte[] storeAndFence() {
        return concat(MOVNTI_RSI_AT_RDI, SFENCE, RET);
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
