package pmem.mapping;

import java.nio.file.Path;
import pmem.api.PoolOpenException;
import pmem.api.PoolOpenException.Reason;

/** Linux error numbers, and which of a pool's open errors each one is. */
final class Errno {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int ENXIO = 6;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int ENOTDIR = 20;
    static final int EISDIR = 21;
    static final int EINVAL = 22;
    static final int EFBIG = 27;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int ENOSYS = 38;
    static final int ELOOP = 40;
    static final int EOPNOTSUPP = 95;
    static final int EDQUOT = 122;

    private Errno() {}

    /** The reason a program sees when opening, creating or mapping failed with this error number. */
    static Reason reason(int error) {
        return switch (error) {
            case ENOENT, ENOTDIR -> Reason.NOT_FOUND;
            case EEXIST -> Reason.EXISTS;
            case EISDIR, ENXIO, ENODEV, ELOOP -> Reason.NOT_A_FILE;
            case EAGAIN -> Reason.LOCKED;
            case EACCES, EPERM -> Reason.NO_PERMISSION;
            case EROFS -> Reason.READ_ONLY;
            case ENOSPC, EDQUOT, EFBIG -> Reason.NO_SPACE;
            default -> Reason.SYSTEM;
        };
    }

    /** Whether the system refused for want of storage. */
    static boolean isWantOfSpace(int error) {
        return reason(error) == Reason.NO_SPACE;
    }

    /** What can be done about it, as the last part of a message; empty where nothing general can be said. */
    static String remedy(int error) {
        return switch (error) {
            case ENOENT -> "; correct the path, or create what is missing";
            case ENOTDIR -> "; a part of the path is not a directory";
            case ELOOP -> "; the path is a symbolic link that cannot be followed";
            case EACCES, EPERM -> "; let this user read and write the file and search its directory";
            case EROFS -> "; mount the file system writable";
            case ENOSPC -> "; free space, or ask for less capacity";
            case EDQUOT -> "; raise the quota, or ask for less capacity";
            case EFBIG -> "; raise the file size limit, or ask for less capacity";
            case ENOMEM -> "; raise the limit of address space or of mappings";
            default -> "";
        };
    }

    /** Number and text, as facts of a message. */
    static String describe(int error) {
        return "errno=" + error + " (" + Posix.errorText(error) + ")";
    }

    /** The error of an open that the system refused; {@code facts} end with a blank or are empty. */
    static PoolOpenException refusal(String what, int error, Path path, String facts) {
        return new PoolOpenException(
                reason(error), what + ": pool=" + path + " " + facts + describe(error) + remedy(error));
    }
}
