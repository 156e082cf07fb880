package pmem.spi.extent;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A doubly linked list of slabs, linked through the slabs themselves, so that a slab is in at most one list. Not thread-safe:
 * the owner's lock guards it; only {@link SlabExtent#isListed} may be read without, if the list was made for that.
 *
 * @param <S> the policy's slabs
 */
public final class SlabList<S extends SlabExtent> {
    private final boolean seenByAll;
    private @Nullable SlabExtent first;
    private @Nullable SlabExtent last;

    /** Makes an empty list, whose slabs anybody may ask whether they are in it: adding and removing are full fences. */
    public SlabList() {
        this(true);
    }

    /**
     * Makes an empty list.
     *
     * @param seenByAll whether anybody may call {@link SlabExtent#isListed}, adding and removing being full fences
     */
    public SlabList(boolean seenByAll) {
        this.seenByAll = seenByAll;
    }

    /** Whether no slab is in the list. */
    public boolean isEmpty() {
        return first == null;
    }

    /**
     * The first slab.
     *
     * @throws NoSuchElementException if the list is empty
     */
    public S first() {
        return present(first);
    }

    /** Whether another slab follows this one. */
    public boolean hasNext(S slab) {
        return slab.next != null;
    }

    /**
     * The slab that follows this one.
     *
     * @throws NoSuchElementException if none does
     */
    public S next(S slab) {
        return present(slab.next);
    }

    /** Adds a slab that is in no list, at the end. */
    public void addLast(S slab) {
        SlabExtent before = last;
        slab.previous = before;
        if (before == null) {
            first = slab;
        } else {
            before.next = slab;
        }
        last = slab;
        slab.setListed(true, seenByAll);
    }

    /** Takes a slab out if it is in the list. */
    public void remove(S slab) {
        if (!slab.isListed()) {
            return;
        }
        SlabExtent before = slab.previous;
        SlabExtent after = slab.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        slab.previous = null;
        slab.next = null;
        slab.setListed(false, seenByAll);
    }

    /** All slabs of a list are of its type, since only that type can be added. */
    @SuppressWarnings("unchecked")
    private S present(@Nullable SlabExtent slab) {
        if (slab == null) {
            throw new NoSuchElementException("list of slabs has no further slab");
        }
        return (S) slab;
    }
}
