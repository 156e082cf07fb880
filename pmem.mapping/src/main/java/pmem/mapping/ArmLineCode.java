package pmem.mapping;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import pmem.spi.Region;

/**
 * Machine code of leaf functions for AArch64 in the C calling convention: first argument in {@code x0}, second in
 * {@code x1}, no stack, no register of the caller's changed. Instructions are words, the lowest byte first.
 *
 * <pre>
 * writeBackLines(x0 address, x1 lines > 0)   fence()      writeBackLineAndFence(x0 address)
 *   again: dc   cvap, x0                       dsb sy       and x0, x0, #-64
 *          add  x0, x0, #64                    ret          dc  cvap, x0
 *          subs x1, x1, #1                                  dsb sy
 *          b.ne again                                       ret
 *          ret
 * </pre>
 *
 * Where the processor's lines are shorter than ours, the pair {@code dc, add} stands once for each of them. Encodings: Arm
 * Architecture Reference Manual, DDI 0487, C6.2. A clean by address stays behind older stores to that address (D7.5.10 there);
 * {@code dsb} waits until it is complete.
 */
final class ArmLineCode {
    // sys #3, c7, cM, #1, x0
    private static final int DC_CVAP = 0xd50b_7c20;
    private static final int DC_CVAC = 0xd50b_7a20;
    private static final int DSB_SY = 0xd503_3f9f;
    private static final int RET = 0xd65f_03c0;
    private static final int AND_X0_MINUS_64 = 0x927a_e400;
    private static final int ADD_X0_0 = 0x9100_0000;
    private static final int IMMEDIATE_SHIFT = 10;
    private static final int SUBS_X1_1 = 0xf100_0421;
    private static final int B_NE = 0x5400_0001;
    private static final int BRANCH_MASK = 0x7_ffff;
    private static final int BRANCH_SHIFT = 5;
    private static final int MRS_X1_CTR_EL0 = 0xd53b_0021;
    private static final int STR_X1_AT_X0 = 0xf900_0001;

    private ArmLineCode() {}

    /** The instructions that move a line towards memory, best first. */
    enum Instruction {
        /** To the point of persistence. */
        CVAP("dc cvap", DC_CVAP),
        /** To the point of coherency, which is what the kernel uses where the processor knows no point of persistence. */
        CVAC("dc cvac", DC_CVAC);

        private final String mnemonic;
        private final int word;

        Instruction(String mnemonic, int word) {
            this.mnemonic = mnemonic;
            this.word = word;
        }

        /** The name in assembler and in reports. */
        String mnemonic() {
            return mnemonic;
        }
    }

    /** {@code cacheType(x0 address of 8 bytes)}: stores register CTR_EL0. */
    static byte[] cacheType() {
        return words(MRS_X1_CTR_EL0, STR_X1_AT_X0, RET);
    }

    static byte[] writeBackLines(Instruction instruction, int stepBytes) {
        int[] line = line(instruction, stepBytes);
        int[] back = {SUBS_X1_1, B_NE | (-(line.length + 1) & BRANCH_MASK) << BRANCH_SHIFT, RET};
        return words(IntStream.concat(IntStream.of(line), IntStream.of(back)).toArray());
    }

    static byte[] fence() {
        return words(DSB_SY, RET);
    }

    static byte[] writeBackLineAndFence(Instruction instruction, int stepBytes) {
        int[] line = line(instruction, stepBytes);
        // What follows the last clean is not needed here.
        IntStream cleaning = IntStream.of(line).limit(line.length - 1L);
        return words(
                IntStream.concat(IntStream.concat(IntStream.of(AND_X0_MINUS_64), cleaning), IntStream.of(DSB_SY, RET))
                        .toArray());
    }

    private static int[] line(Instruction instruction, int stepBytes) {
        int[] line = new int[2 * Region.LINE_BYTES / stepBytes];
        for (int i = 0; i < line.length; i += 2) {
            line[i] = instruction.word;
            line[i + 1] = ADD_X0_0 | stepBytes << IMMEDIATE_SHIFT;
        }
        return line;
    }

    private static byte[] words(int... words) {
        ByteBuffer code = ByteBuffer.allocate(words.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : words) {
            code.putInt(word);
        }
        return code.array();
    }
}
