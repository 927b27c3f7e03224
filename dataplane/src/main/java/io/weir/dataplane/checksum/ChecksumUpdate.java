package io.weir.dataplane.checksum;

/**
 * A checksum after one field has changed, from the old checksum and both values of the field alone
 * (RFC 1624 equation 3: HC' = ~(~HC + ~m + m')).
 *
 * <p>The field must lie at an even offset from the start of what is summed. A wrong checksum stays
 * wrong by the same amount, so damage on the way is still found by the receiver.
 *
 * <p>UDP has a rule of its own that the caller keeps: 0 means no checksum and must stay 0, and a
 * result of 0 must be sent as 0xffff.
 *
 * <p>The {@code partial} forms are for a frame whose sender left the checksum to the network card
 * ({@link io.weir.dataplane.header.VnetHeader#NEEDS_CHECKSUM}): its field holds the folded sum of
 * the pseudo header, not complemented. A change of the pseudo header changes it, a change of a port
 * does not.
 */
public final class ChecksumUpdate {
    private static final int LOW_16 = 0xffff;

    private ChecksumUpdate() {}

    /** The checksum after a 16-bit field has changed, such as a port. */
    public static int replace16(int checksum, int oldValue, int newValue) {
        return ~fold((~checksum & LOW_16) + (~oldValue & LOW_16) + (newValue & LOW_16)) & LOW_16;
    }

    /** The checksum after a 32-bit field has changed, such as an IPv4 address. */
    public static int replace32(int checksum, int oldValue, int newValue) {
        return ~fold((~checksum & LOW_16) + difference(oldValue, newValue)) & LOW_16;
    }

    /** The checksum after a 64-bit field has changed, such as half an IPv6 address. */
    public static int replace64(int checksum, long oldValue, long newValue) {
        return ~fold((~checksum & LOW_16) + difference(oldValue, newValue)) & LOW_16;
    }

    /** The ones' complement difference of two 16-bit fields, of 17 bits: for {@link #add}. */
    public static int difference16(int oldValue, int newValue) {
        return (~oldValue & LOW_16) + newValue;
    }

    /** The checksum after fields have changed whose {@code difference}s have this sum. */
    public static int add(int checksum, int difference) {
        return ~fold((~checksum & LOW_16) + difference) & LOW_16;
    }

    /** The partial checksum after fields have changed whose {@code difference}s have this sum. */
    public static int partialAdd(int partial, int difference) {
        return fold((partial & LOW_16) + difference);
    }

    /** The partial checksum after 32 bits of the pseudo header have changed. */
    public static int partialReplace32(int partial, int oldValue, int newValue) {
        return fold((partial & LOW_16) + difference(oldValue, newValue));
    }

    /** The partial checksum after 64 bits of the pseudo header have changed. */
    public static int partialReplace64(int partial, long oldValue, long newValue) {
        return fold((partial & LOW_16) + difference(oldValue, newValue));
    }

    /** The ones' complement difference of two 32-bit fields, of 18 bits: for {@link #add}. */
    public static int difference(int oldValue, int newValue) {
        return (~oldValue >>> 16) + (~oldValue & LOW_16) + (newValue >>> 16) + (newValue & LOW_16);
    }

    private static int difference(long oldValue, long newValue) {
        return difference((int) (oldValue >>> 32), (int) (newValue >>> 32))
                + difference((int) oldValue, (int) newValue);
    }

    /** Folds up to nine 16-bit words. */
    private static int fold(int sum) {
        int once = (sum >>> 16) + (sum & LOW_16);
        return (once >>> 16) + (once & LOW_16);
    }
}
