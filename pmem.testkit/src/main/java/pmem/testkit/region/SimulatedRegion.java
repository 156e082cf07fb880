package pmem.testkit.region;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import pmem.api.Durability;
import pmem.api.DurabilityDomain;
import pmem.spi.PersistPoint;
import pmem.spi.Region;

/**
 * A region in plain memory that knows which stores are on media for certain and which only may be.
 *
 * <p><b>Model.</b> Stores to one 64-byte line reach media in the order they were made, so media holds, for each line, a prefix
 * of them. The prefix is at least what the last completed fence covered; it may be longer at any moment, because a cache may
 * evict a line early. A write-back pends for its thread; a fence completes the write-backs of its own thread and no others.
 *
 * <p><b>Payload.</b> {@link #slice} hands out the memory itself, so stores through a slice are not seen when they happen. They
 * are found by comparison when their line is next written back or a {@link CrashMoment} is taken, and then count as stores in
 * ascending order of their words. After {@link #close()} a slice reads memory without meaning.
 *
 * <p><b>Length.</b> A region that can grow keeps its length in a line of its own after its last byte, so that the length reaches media
 * like any store, and images tell their length themselves. What lies after the length is not there: touching it is an error. What a
 * {@link #shrink} has cut off comes back by a growth as it was, and without storage.
 *
 * <p><b>Storage.</b> What {@link #releaseStorage} was called for must be {@linkplain #ensureBacked backed} before it is touched again:
 * until then touching it is an error, as it may be deadly in a file with holes.
 *
 * <p><b>Threads.</b> Every change is made under one lock; loads take none. Moments are taken just before each fence completes,
 * when {@linkplain #record asked for}, and by {@link #takeMoment}. {@link CrashImages} turns a moment into images.
 */
public final class SimulatedRegion extends Region {
    /** Words that move to media together. */
    public static final int LINE_WORDS = LINE_BYTES / Long.BYTES;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int LINE_SHIFT = 6;
    private static final int WORD_SHIFT = 3;
    private static final int WORD_MASK = Long.BYTES - 1;

    /** So small that tiny pools have whole steps of free space. */
    private static final long STORAGE_STEP_BYTES = 4L * LINE_BYTES;

    private static final long LENGTH_STEP_BYTES = 4096;

    /** "LENGTH!" in the order of the bytes: the first word of the line that holds a length. */
    private static final long LENGTH_MARK = 0x21485447_4E454CL;

    private final long[] words;
    private final long[] media;
    /** Words that can be touched when the region has grown as far as it can. */
    private final int wordsMax;
    // Changes under the lock.
    private volatile int wordCount;
    private final LineLog[] logOfLine;
    private final List<LineLog> dirty = new ArrayList<>();
    private final List<PendingLines> threads = new ArrayList<>();
    private final List<PersistEvent> events = new ArrayList<>();
    private final List<CrashMoment> moments = new ArrayList<>();
    private final Optional<Mutation> mutation;
    private final boolean zeroed;
    private volatile boolean[] holes = {};
    private long[] seenWords = {};
    private long mediaHash;
    private long lineCount;
    private long fenceCount;
    private boolean recording;
    private boolean tracking;
    private volatile boolean closed;

    private SimulatedRegion(long[] words, long[] media, long mediaHash, Optional<Mutation> mutation, boolean tracking) {
        this.words = words;
        this.media = media;
        this.mediaHash = mediaHash;
        this.mutation = mutation;
        this.tracking = tracking;
        boolean growable = hasLength(words);
        this.wordsMax = growable ? words.length - LINE_WORDS : words.length;
        this.wordCount = growable ? (int) (words[wordsMax + 1] >>> WORD_SHIFT) : words.length;
        this.zeroed = tracking && mediaHash == hashOfLength(words);
        this.logOfLine = new LineLog[words.length / LINE_WORDS];
    }

    /** A region of zeros, as a new file is; {@code bytes} is a multiple of 64. */
    public static SimulatedRegion zeroed(long bytes) {
        return onMedia(new long[Math.toIntExact(bytes / Long.BYTES)]);
    }

    /**
     * The words of a region of zeros that can grow.
     *
     * @param bytes its length, a multiple of 4096
     * @param maxBytes the longest it can become, a multiple of 4096; if it is the same, the region can't grow
     */
    public static long[] growableWords(long bytes, long maxBytes) {
        if (maxBytes == bytes) {
            return new long[Math.toIntExact(bytes / Long.BYTES)];
        }
        int wordsMax = Math.toIntExact(maxBytes / Long.BYTES);
        long[] words = new long[wordsMax + LINE_WORDS];
        words[wordsMax] = LENGTH_MARK;
        words[wordsMax + 1] = bytes;
        return words;
    }

    private static boolean hasLength(long[] words) {
        return words.length > LINE_WORDS && words[words.length - LINE_WORDS] == LENGTH_MARK;
    }

    private static long hashOfLength(long[] words) {
        int line = words.length - LINE_WORDS;
        return hasLength(words) ? ImageHash.ofWord(line, words[line]) + ImageHash.ofWord(line + 1, words[line + 1]) : 0;
    }

    /** A region whose media holds these words, as after a restart. Takes a copy. */
    public static SimulatedRegion onMedia(long[] words) {
        return onMedia(words, ImageHash.of(words), Optional.empty());
    }

    /** As {@link #onMedia(long[])}, leaving something out at one persist point. */
    public static SimulatedRegion onMedia(long[] words, Optional<Mutation> mutation) {
        return onMedia(words, ImageHash.of(words), mutation);
    }

    /** As {@link #onMedia(long[])}, for an image whose hash is known already. */
    public static SimulatedRegion onMedia(long[] words, long hash, Optional<Mutation> mutation) {
        return new SimulatedRegion(words.clone(), words.clone(), hash, mutation, true);
    }

    /** The hash that {@link CrashImages#hash} gives an image of these words. */
    public static long hashOf(long[] words) {
        return ImageHash.of(words);
    }

    /**
     * A region on the same media whose stores are durable at once: fast, for work whose crashes are of no interest. Write-backs
     * and fences are not counted. Takes the array itself.
     */
    public static SimulatedRegion untracked(long[] words) {
        return new SimulatedRegion(words, words, 0, Optional.empty(), false);
    }

    /**
     * This region as the next opener of the same memory sees it after {@link #close()}: the process went on, so stores that
     * are not durable yet are visible to it and still not durable.
     */
    public synchronized SimulatedRegion reopened() {
        SimulatedRegion next = new SimulatedRegion(words, media, mediaHash, mutation, tracking);
        System.arraycopy(logOfLine, 0, next.logOfLine, 0, logOfLine.length);
        next.dirty.addAll(dirty);
        next.threads.addAll(threads);
        next.events.addAll(events);
        next.moments.addAll(moments);
        next.seenWords = seenWords;
        next.holes = holes;
        next.recording = recording;
        return next;
    }

    /** Whether a moment is kept before each fence completes. */
    public synchronized void record(boolean on) {
        recording = on;
    }

    /** From now on all stores are durable at once, and no moments are kept; see {@link #untracked}. */
    public synchronized void stopTracking() {
        tracking = false;
        recording = false;
    }

    /** Keeps what could be on media now. */
    public synchronized CrashMoment takeMoment() {
        findSliceStores(0, words.length);
        CrashMoment moment = new CrashMoment(dirty, events.size());
        moments.add(moment);
        return moment;
    }

    /** The moments kept since the region last settled, oldest first. */
    public synchronized List<CrashMoment> moments() {
        return List.copyOf(moments);
    }

    /** Write-backs and fences since the region last settled, oldest first. */
    public synchronized List<PersistEvent> events() {
        return Collections.unmodifiableList(new ArrayList<>(events));
    }

    /** Puts what is certainly on media into the base image and forgets moments and events. */
    public synchronized void settle() {
        for (int i = dirty.size() - 1; i >= 0; i--) {
            LineLog log = dirty.get(i);
            settle(log);
            if (log.count() == 0) {
                logOfLine[log.line] = null;
                dirty.remove(i);
            }
        }
        events.clear();
        moments.clear();
    }

    private void settle(LineLog log) {
        int stores = log.durable();
        if (stores == 0) {
            return;
        }
        for (int store = 0; store < stores; store++) {
            int word = log.line * LINE_WORDS + log.wordInLine(store);
            mediaHash += ImageHash.ofWord(word, log.value(store)) - ImageHash.ofWord(word, media[word]);
            media[word] = log.value(store);
        }
        log.dropDurable();
        for (PendingLines pending : threads) {
            pending.dropped(log, stores);
        }
    }

    /** A copy of the words as loads see them now: the image if every line reaches media. */
    public synchronized long[] words() {
        return words.clone();
    }

    /** The image at the last {@link #settle}, without later stores; for {@link CrashImages}, not to be changed. */
    long[] settledMedia() {
        return media;
    }

    long settledHash() {
        return mediaHash;
    }

    @Override
    public long capacityBytes() {
        return (long) wordCount * Long.BYTES;
    }

    @Override
    public long maxCapacityBytes() {
        return (long) wordsMax * Long.BYTES;
    }

    /** The length is stored, written back and fenced as a word is, so all that can go wrong with that can go wrong here. */
    @Override
    public long grow(PersistPoint point, long capacityBytes) {
        Objects.checkIndex(capacityBytes, maxCapacityBytes() + 1);
        requireOpen();
        if (wordsMax < words.length) {
            growLength(point, capacityBytes);
        }
        return capacityBytes();
    }

    private synchronized void growLength(PersistPoint point, long capacityBytes) {
        if (capacityBytes > capacityBytes()) {
            store(wordsMax + 1, capacityBytes);
            wordCount = (int) (capacityBytes >>> WORD_SHIFT);
        }
        if (tracking) {
            int line = wordsMax / LINE_WORDS;
            trackedWriteBack(point, line, line);
            lineCount--;
            trackedFence(point);
            fenceCount--;
        }
    }

    @Override
    public long lengthStepBytes() {
        return wordsMax < words.length ? LENGTH_STEP_BYTES : 0;
    }

    /** The shorter length reaches media like any store that nobody waits for. */
    @Override
    public synchronized void shrink(long capacityBytes) {
        requireOpen();
        long cutBytes = capacityBytes() - capacityBytes;
        if (cutBytes > 0) {
            releaseStorage(capacityBytes, cutBytes);
            store(wordsMax + 1, capacityBytes);
            wordCount = (int) (capacityBytes >>> WORD_SHIFT);
        }
    }

    @Override
    public Durability durability() {
        return new Durability(DurabilityDomain.SYNCHRONOUS_DAX, "simulated", "simulated", List.of());
    }

    @Override
    public String name() {
        return "simulated";
    }

    @Override
    public boolean isZeroed() {
        return zeroed;
    }

    @Override
    public long loadPlain(long offset) {
        return words[index(offset)];
    }

    @Override
    public long loadAcquire(long offset) {
        return (long) WORD.getAcquire(words, index(offset));
    }

    @Override
    public void storePlain(long offset, long value) {
        store(index(offset), value);
    }

    @Override
    public void storeRelease(long offset, long value) {
        store(index(offset), value);
    }

    @Override
    public boolean compareAndSet(long offset, long expected, long value) {
        int index = index(offset);
        if (!tracking) {
            return WORD.compareAndSet(words, index, expected, value);
        }
        synchronized (this) {
            if (words[index] != expected) {
                return false;
            }
            trackedStore(index, value);
            return true;
        }
    }

    @Override
    public long getAndBitwiseOr(long offset, long bits) {
        int index = index(offset);
        if (!tracking) {
            return (long) WORD.getAndBitwiseOr(words, index, bits);
        }
        synchronized (this) {
            long old = words[index];
            trackedStore(index, old | bits);
            return old;
        }
    }

    @Override
    public long getAndBitwiseAnd(long offset, long mask) {
        int index = index(offset);
        if (!tracking) {
            return (long) WORD.getAndBitwiseAnd(words, index, mask);
        }
        synchronized (this) {
            long old = words[index];
            trackedStore(index, old & mask);
            return old;
        }
    }

    @Override
    public void writeBack(PersistPoint point, long offset, long bytes) {
        checkRange(offset, bytes);
        if (tracking && bytes != 0) {
            trackedWriteBack(point, (int) (offset >>> LINE_SHIFT), (int) ((offset + bytes - 1) >>> LINE_SHIFT));
        }
    }

    private synchronized void trackedWriteBack(PersistPoint point, int first, int last) {
        lineCount += last - first + 1L;
        if (mutates(point, Mutation.Kind.WRITE_BACK)) {
            return;
        }
        PendingLines pending = pendingOf(Thread.currentThread());
        if (mutates(point, Mutation.Kind.WRITE_BACK_LATE)) {
            pending.putOff(first, last);
            return;
        }
        boolean matters = start(pending, first, last);
        events.add(new PersistEvent(
                PersistEvent.Kind.WRITE_BACK, point, pending.number, first, last - first + 1, matters));
    }

    private boolean start(PendingLines pending, int first, int last) {
        findSliceStores(first * LINE_WORDS, (last + 1) * LINE_WORDS);
        pending.begin();
        boolean matters = false;
        for (int line = first; line <= last; line++) {
            LineLog log = logOfLine[line];
            if (log != null) {
                matters |= log.count() > log.durable();
                pending.add(log);
            }
        }
        return matters;
    }

    @Override
    public void fence(PersistPoint point) {
        requireOpen();
        if (tracking) {
            trackedFence(point);
        }
    }

    private synchronized void trackedFence(PersistPoint point) {
        fenceCount++;
        if (mutates(point, Mutation.Kind.FENCE)) {
            return;
        }
        if (recording) {
            takeMoment();
        }
        PendingLines pending = pendingOf(Thread.currentThread());
        events.add(new PersistEvent(PersistEvent.Kind.FENCE, point, pending.number, 0, 0, pending.matter()));
        if (mutates(point, Mutation.Kind.FENCE_EARLY)) {
            pending.completeAllButLast();
        } else {
            pending.complete();
        }
        pending.takePutOff((first, last) -> start(pending, first, last));
        if (!recording && moments.isEmpty()) {
            settle();
        }
    }

    @Override
    public long storageStepBytes() {
        return STORAGE_STEP_BYTES;
    }

    @Override
    public synchronized long releaseStorage(long offset, long bytes) {
        checkRange(offset, bytes);
        boolean[] now = holes.length == 0 ? new boolean[logOfLine.length] : holes.clone();
        long start = (offset + STORAGE_STEP_BYTES - 1) & -STORAGE_STEP_BYTES;
        long end = (offset + bytes) & -STORAGE_STEP_BYTES;
        for (long at = start; at < end; at += LINE_BYTES) {
            now[(int) (at >>> LINE_SHIFT)] = true;
        }
        holes = now;
        return Math.max(0, end - start);
    }

    @Override
    public synchronized boolean ensureBacked(long offset, long bytes) {
        if (holes.length != 0 && bytes > 0) {
            boolean[] now = holes.clone();
            Arrays.fill(now, (int) (offset >>> LINE_SHIFT), (int) ((offset + bytes - 1) >>> LINE_SHIFT) + 1, false);
            holes = now;
        }
        return true;
    }

    private void requireBacked(long firstLine, long lastLine) {
        boolean[] now = holes;
        for (long line = firstLine; now.length != 0 && line <= lastLine; line++) {
            if (now[(int) line]) {
                throw new AssertionError(
                        "a hole was touched: expected storage, offset=0x" + Long.toHexString(line << LINE_SHIFT));
            }
        }
    }

    @Override
    public void writeBackAndFence(PersistPoint point, long offset) {
        writeBack(point, offset, Long.BYTES);
        fence(point);
    }

    /**
     * The lines that are not all zeros: a simulated medium has no storage for the others, so that whoever relies on what is not
     * used is tested on every image.
     */
    @Override
    public long[] usedRanges(long offset, long endOffset) {
        long[] ranges = new long[LINE_WORDS];
        int count = 0;
        for (long at = offset; at < endOffset; at = (at & -LINE_BYTES) + LINE_BYTES) {
            long lineEnd = Math.min(endOffset, (at & -LINE_BYTES) + LINE_BYTES);
            if (!isUsed(at, lineEnd)) {
                continue;
            }
            if (count > 0 && ranges[count - 1] == at) {
                ranges[count - 1] = lineEnd;
                continue;
            }
            ranges = count == ranges.length ? Arrays.copyOf(ranges, 2 * count) : ranges;
            ranges[count++] = at;
            ranges[count++] = lineEnd;
        }
        return Arrays.copyOf(ranges, count);
    }

    private boolean isUsed(long offset, long endOffset) {
        if (holes.length != 0 && holes[(int) (offset >>> LINE_SHIFT)]) {
            return false;
        }
        for (long at = offset; at < endOffset; at += Long.BYTES) {
            if (loadAcquire(at) != 0 || media[(int) (at >>> WORD_SHIFT)] != 0) {
                return true;
            }
        }
        return false;
    }

    /** A view of the memory itself; see the class on how stores through it are found. */
    @Override
    public MemorySegment slice(long offset, long bytes) {
        checkRange(offset, bytes);
        if (bytes > 0) {
            requireBacked(offset >>> LINE_SHIFT, (offset + bytes - 1) >>> LINE_SHIFT);
        }
        return memory().asSlice(offset, bytes);
    }

    /** Holes included, and what the region may yet grow by: who asks for all bytes touches few of them. */
    @Override
    public MemorySegment view(Arena lifetime) {
        return memory();
    }

    private synchronized MemorySegment memory() {
        if (tracking && seenWords.length == 0) {
            seenWords = words.clone();
        }
        return MemorySegment.ofArray(words);
    }

    @Override
    public synchronized long linesWrittenBack() {
        return lineCount;
    }

    @Override
    public synchronized long fences() {
        return fenceCount;
    }

    /** Does nothing: a simulated region has no name to give. */
    @Override
    public void publishCreated() {}

    @Override
    public void close() {
        closed = true;
    }

    private boolean mutates(PersistPoint point, Mutation.Kind kind) {
        return mutation.isPresent()
                && mutation.get().kind() == kind
                && mutation.get().point().equals(point.name());
    }

    private void store(int index, long value) {
        if (tracking) {
            trackedStore(index, value);
        } else {
            WORD.setRelease(words, index, value);
        }
    }

    private synchronized void trackedStore(int index, long value) {
        if (seenWords.length != 0) {
            findSliceStores(index, index + 1);
        }
        if (words[index] != value) {
            append(index, value);
            WORD.setRelease(words, index, value);
        }
    }

    private void append(int index, long value) {
        int line = index / LINE_WORDS;
        LineLog log = logOfLine[line];
        if (log == null) {
            log = new LineLog(line);
            logOfLine[line] = log;
            dirty.add(log);
        }
        log.append(index % LINE_WORDS, value);
        if (seenWords.length != 0) {
            seenWords[index] = value;
        }
    }

    private void findSliceStores(int fromWord, int toWord) {
        if (seenWords.length == 0) {
            return;
        }
        int from = fromWord;
        while (from < toWord) {
            int equal = Arrays.mismatch(words, from, toWord, seenWords, from, toWord);
            if (equal < 0) {
                return;
            }
            append(from + equal, words[from + equal]);
            from += equal + 1;
        }
    }

    private PendingLines pendingOf(Thread thread) {
        for (PendingLines pending : threads) {
            if (pending.threadId == thread.threadId()) {
                return pending;
            }
        }
        PendingLines pending = new PendingLines(thread.threadId(), threads.size());
        threads.add(pending);
        return pending;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("region is closed: region=simulated");
        }
    }

    private int index(long offset) {
        requireOpen();
        if ((offset & WORD_MASK) != 0) {
            throw new IllegalArgumentException(
                    "word is misaligned: expected a multiple of 8, found=0x" + Long.toHexString(offset));
        }
        if (holes.length != 0) {
            requireBacked(offset >>> LINE_SHIFT, offset >>> LINE_SHIFT);
        }
        return Objects.checkIndex(Math.toIntExact(offset >>> WORD_SHIFT), wordCount);
    }

    private void checkRange(long offset, long bytes) {
        requireOpen();
        Objects.checkFromIndexSize(offset, bytes, capacityBytes());
    }
}
