package pmem.recovery;

/**
 * The superblock on media. Two copies, at offsets 0 and 4096, identical but for damage.
 *
 * <table>
 * <caption>One copy; all words are 8 bytes, little-endian</caption>
 * <tr><th>offset</th><th>bytes</th><th>field</th><th>written when, and in which order</th></tr>
 * <tr><td>0</td><td>8</td><td>magic</td><td>at creation: the creation mark first (copy A), the magic number last of all</td></tr>
 * <tr><td>8</td><td>8</td><td>format version</td><td>at creation, before the magic number</td></tr>
 * <tr><td>16</td><td>16</td><td>pool id, random</td><td>same</td></tr>
 * <tr><td>32</td><td>8</td><td>capacity in bytes; in version 2 the largest one, for which everything is laid out</td><td>same</td></tr>
 * <tr><td>40</td><td>8</td><td>log lanes</td><td>same</td></tr>
 * <tr><td>48</td><td>8</td><td>entries per lane</td><td>same</td></tr>
 * <tr><td>56</td><td>8</td><td>root slots</td><td>same</td></tr>
 * <tr><td>64</td><td>32</td><td>policy id, ASCII, padded with zeros</td><td>same</td></tr>
 * <tr><td>96</td><td>8</td><td>policy format version</td><td>same</td></tr>
 * <tr><td>104</td><td>8</td><td>number of policy parameters</td><td>same</td></tr>
 * <tr><td>112</td><td>256</td><td>policy parameters</td><td>same</td></tr>
 * <tr><td>368</td><td>8</td><td>checksum of words 0 to 367, the magic number included</td><td>same</td></tr>
 * <tr><td>1024</td><td>8</td><td>run state (copy A only, as the rest of this line)</td><td>RUNNING at open; CLEAN at close, after
 * the seal; any other value counts as not closed</td></tr>
 * <tr><td>1032</td><td>8</td><td>live blocks</td><td>at close</td></tr>
 * <tr><td>1040</td><td>8</td><td>usable bytes of the live blocks</td><td>at close</td></tr>
 * <tr><td>1048</td><td>8</td><td>checksum of the roots: sum over the used slots, 0 if there are none</td><td>at close</td></tr>
 * <tr><td>1056</td><td>8</td><td>seal: checksum of the three words before it, lowest bit set; 0 while open</td><td>0 at open, before
 * the run state; at close after the three words before it. A wrong seal counts as not closed</td></tr>
 * <tr><td>1064</td><td>8</td><td>storage mode </td><td>at creation, before the magic number: SPARSE if the file
 * takes its blocks as it needs them; one word, no checksum: any other value counts as preallocated</td></tr>
 * <tr><td>1072</td><td>8</td><td>version 2, both copies: capacity now in pages of 4096 bytes (bits 16 to 63) and its check (bits 0 to
 * 15); copy A decides, copy B stands in for a damaged A</td><td>at creation, before the magic number; when the pool grows, after the
 * region's new length is on media and before anything is in the new space; when it shrinks, after nothing can be in the cut-off part
 * any more and before the region becomes shorter</td></tr>
 * </table>
 */
final class SuperblockLayout {
    /** Number of copies. */
    static final int COPIES = 2;
    /** "PMEMPOOL" in the order of the bytes on media. */
    static final long MAGIC = 0x4C4F4F504D454D50L;
    /** "PMEMNEW!" in the order of the bytes on media: a creation has begun. */
    static final long CREATION_MARK = 0x2157454E4D454D50L;
    /** The newest version this release reads, and writes for pools that can grow. */
    static final long FORMAT_VERSION = 2;
    /** The version of pools that can't, the same as ever. */
    static final long FORMAT_VERSION_FIXED = 1;
    /** The oldest version this release reads. */
    static final long FORMAT_VERSION_OLDEST = 1;

    static final long MAGIC_OFFSET = 0;
    static final long VERSION_OFFSET = 8;
    static final long ID_HIGH_OFFSET = 16;
    static final long ID_LOW_OFFSET = 24;
    static final long CAPACITY_OFFSET = 32;
    static final long LANES_OFFSET = 40;
    static final long LANE_ENTRIES_OFFSET = 48;
    static final long ROOTS_OFFSET = 56;
    static final long POLICY_ID_OFFSET = 64;
    static final int POLICY_ID_BYTES = 32;
    static final long POLICY_VERSION_OFFSET = 96;
    static final long PARAMETER_COUNT_OFFSET = 104;
    static final long PARAMETERS_OFFSET = 112;
    static final int PARAMETERS_MAX = 32;
    static final long CHECKSUM_OFFSET = 368;
    static final long BODY_BYTES = 376;

    static final long RUN_STATE_OFFSET = 1024;
    static final long CLOSED_BLOCKS_OFFSET = 1032;
    static final long CLOSED_BYTES_OFFSET = 1040;
    static final long CLOSED_ROOTS_OFFSET = 1048;
    static final long RUN_SEAL_OFFSET = 1056;
    static final long RUNNING = 0x474E494E4E5552L;
    static final long CLEAN = 0x4E41454C43L;

    static final long STORAGE_MODE_OFFSET = 1064;
    /** "SPARSE" in the order of the bytes on media. */
    static final long SPARSE = 0x455352415053L;

    static final long PREALLOCATED = 0;

    static final long CAPACITY_NOW_OFFSET = 1072;

    private SuperblockLayout() {}

    /** First byte of a copy. */
    static long copyOffset(int copy) {
        return copy * PoolGeometry.PAGE_BYTES;
    }
}
