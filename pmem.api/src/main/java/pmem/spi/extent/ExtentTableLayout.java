package pmem.spi.extent;

import pmem.spi.PersistPoint;
import pmem.spi.PolicySpace;
import pmem.spi.Region;

/**
 * Where the extent table, the optional page bits and the pages are in a policy's space.
 *
 * <table>
 * <caption>Policy space of bitmap and segregated</caption>
 * <tr><th>offset</th><th>size</th><th>field</th><th>written when, and in which order</th></tr>
 * <tr><td>tableOffset</td><td>8 x pageCount</td><td>table words</td><td>an extent begins or ends, or a large block gets another length; see {@code ExtentWord}</td></tr>
 * <tr><td>bitsOffset</td><td>bitsPerPage x pageCount / 8</td><td>page bits</td><td>a block is allocated or freed; a bit is set only after the table word of its slab is durable</td></tr>
 * <tr><td>pagesOffset</td><td>pageBytes x pageCount</td><td>pages</td><td>by the owner of a block</td></tr>
 * </table>
 *
 * <p>{@code tableOffset} is the start of the space. {@code bitsOffset} is rounded up to a line and {@code pagesOffset} to a
 * page, both counted from the start of the region, so that page boundaries are aligned in the region. Page bits are
 * numbered through the whole area: page {@code p} owns the bits from {@code p * bitsPerPage} on. An extent's table word is
 * that of its first page; the words of its other pages, and of free pages, are 0.
 *
 * @param tableOffset offset of the first table word in the region
 * @param bitsOffset offset of the first page bit's word
 * @param pagesOffset offset of the first page, a multiple of the page size
 * @param endOffset first byte after the last page
 * @param startOffset first byte of the space
 * @param spaceEndOffset first byte after the space
 * @param pageShift binary logarithm of the page size
 * @param bitsPerPage page bits of each page, 0 if there are none
 * @param pageCount number of pages, at most {@link #PAGES_MAX}
 */
public record ExtentTableLayout(
        long tableOffset,
        long bitsOffset,
        long pagesOffset,
        long endOffset,
        long startOffset,
        long spaceEndOffset,
        int pageShift,
        int bitsPerPage,
        int pageCount) {
    /** Most pages that one table describes; space beyond them stays unused. */
    public static final int PAGES_MAX = 1 << 30;

    private static final int WORD_SHIFT = 3;
    private static final long SPACE_GRANULE_BYTES = 4096;

    /**
     * The layout of a space.
     *
     * @param pageBytes page size, a power of two of at least 64
     * @param bitsPerPage page bits of each page, 0 for none
     */
    public static ExtentTableLayout of(PolicySpace space, long pageBytes, int bitsPerPage) {
        return of(space.startOffset(), space.endOffset(), pageBytes, bitsPerPage);
    }

    private static ExtentTableLayout of(long startOffset, long endOffset, long pageBytes, int bitsPerPage) {
        long perPageBits = 8 * (Long.BYTES + pageBytes) + bitsPerPage;
        long bytes = endOffset - startOffset;
        long pages = Math.min(PAGES_MAX, bytes / perPageBits * 8 + bytes % perPageBits * 8 / perPageBits);
        // The estimate ignores rounding, which costs at most one page and two lines.
        while (pages > 0 && pagesOffset(startOffset, pages, pageBytes, bitsPerPage) + pages * pageBytes > endOffset) {
            pages--;
        }
        long bitsOffset = bitsOffset(startOffset, pages);
        long pagesOffset = pagesOffset(startOffset, pages, pageBytes, bitsPerPage);
        return new ExtentTableLayout(
                startOffset,
                bitsOffset,
                pagesOffset,
                pagesOffset + pages * pageBytes,
                startOffset,
                endOffset,
                Long.numberOfTrailingZeros(pageBytes),
                bitsPerPage,
                (int) pages);
    }

    /** Of a space that is laid out from one offset to another and grows, how far it must be there for a page. */
    public static long leastUsableEnd(long startOffset, long endOffset, long pageBytes, int bitsPerPage) {
        return alignUp(of(startOffset, endOffset, pageBytes, bitsPerPage).pagesOffset + pageBytes, SPACE_GRANULE_BYTES);
    }

    /** This layout with the pages only that end before an offset; everything lies where it does here. */
    public ExtentTableLayout upTo(long usableEndOffset) {
        if (usableEndOffset >= spaceEndOffset) {
            return this;
        }
        int pages = (int) Math.clamp((usableEndOffset - pagesOffset) >> pageShift, 0, (long) pageCount);
        return new ExtentTableLayout(
                tableOffset,
                bitsOffset,
                pagesOffset,
                pagesOffset + ((long) pages << pageShift),
                startOffset,
                usableEndOffset,
                pageShift,
                bitsPerPage,
                pages);
    }

    /** Smallest space, wherever it starts, that holds the given number of pages. */
    public static long minimumBytes(long pages, long pageBytes, int bitsPerPage) {
        // A space starts on a multiple of 4096, so larger pages may lose the bytes before their first boundary.
        long end = pagesOffset(0, pages, pageBytes, bitsPerPage) + pages * pageBytes;
        long lost = Math.max(0, pageBytes - SPACE_GRANULE_BYTES);
        return alignUp(end + lost, SPACE_GRANULE_BYTES);
    }

    private static long bitsOffset(long startOffset, long pages) {
        return alignUp(startOffset + pages * Long.BYTES, Region.LINE_BYTES);
    }

    private static long pagesOffset(long startOffset, long pages, long pageBytes, int bitsPerPage) {
        long bitsBytes = alignUp((pages * bitsPerPage + Byte.SIZE - 1) / Byte.SIZE, Region.LINE_BYTES);
        return alignUp(bitsOffset(startOffset, pages) + bitsBytes, pageBytes);
    }

    private static long alignUp(long value, long alignment) {
        return (value + alignment - 1) & -alignment;
    }

    /** Page size in bytes. */
    public long pageBytes() {
        return 1L << pageShift;
    }

    /** Bytes of the space that are in no page. */
    public long metadataBytes() {
        return spaceEndOffset - startOffset - ((long) pageCount << pageShift);
    }

    /** Offset of the table word of a page. */
    public long wordOffset(int page) {
        return tableOffset + ((long) page << WORD_SHIFT);
    }

    /** The page whose table word is at an offset. */
    int pageOfWord(long wordOffset) {
        return (int) ((wordOffset - tableOffset) >>> WORD_SHIFT);
    }

    /** First byte after the table words. */
    public long tableEndOffset() {
        return tableOffset + ((long) pageCount << WORD_SHIFT);
    }

    /**
     * Sees to storage for an extent: its table word, its pages and, if asked for, its page bits.
     *
     * @return whether there is some
     */
    boolean ensureBacked(Region region, int page, int pages, boolean withBits) {
        long bitsStart = firstStateBit(page) / Byte.SIZE;
        long bitsBytes = withBits ? ((long) pages * bitsPerPage + Byte.SIZE - 1) / Byte.SIZE : 0;
        return region.ensureBacked(wordOffset(page), Long.BYTES)
                && region.ensureBacked(bitsStart, bitsBytes)
                && region.ensureBacked(pageOffset(page), (long) pages << pageShift);
    }

    /** First byte after the words of the page bits. */
    public long bitsEndOffset() {
        return bitsOffset + (((long) pageCount * bitsPerPage + Long.SIZE - 1) / Long.SIZE) * Long.BYTES;
    }

    /** Offset of a page's first byte. */
    public long pageOffset(int page) {
        return pagesOffset + ((long) page << pageShift);
    }

    /** The page a byte is in, or -1 if it is in none; any value is allowed. */
    public int pageOf(long offset) {
        return offset < pagesOffset || offset >= endOffset ? -1 : (int) ((offset - pagesOffset) >>> pageShift);
    }

    /** The first page bit of a page, counted in bits from the start of the region. */
    public long firstStateBit(int page) {
        return bitsOffset * Byte.SIZE + (long) page * bitsPerPage;
    }

    /** Number of whole pages that hold so many bytes, or {@link Integer#MAX_VALUE} if that is more than any table has. */
    public int pagesFor(long bytes) {
        long pages = ((bytes - 1) >>> pageShift) + 1;
        return pages > PAGES_MAX ? Integer.MAX_VALUE : (int) pages;
    }

    /** Writes an empty table and empty page bits and writes the lines back; the caller fences. */
    public void format(Region region, PersistPoint point) {
        for (long offset = tableOffset; offset < pagesOffset; offset += Long.BYTES) {
            region.storePlain(offset, 0);
        }
        region.writeBack(point, tableOffset, pagesOffset - tableOffset);
    }

    /** A page for messages: its number and offset. */
    public String describe(int page) {
        return "page=" + page + " offset=0x" + Long.toHexString(pageOffset(page));
    }
}
