package io.weir.dataplane.spi;

/**
 * The bytes that a persistence engine recognises a packet's client by. They lie in the packet, so
 * they are good as long as it is.
 *
 * <p>Mutable and reused by its worker; nobody keeps a reference.
 */
public final class PersistenceKey {
    /** The most bytes of a key; what is longer cannot be one (as IP_VS_PEDATA_MAXLEN). */
    public static final int MAX_BYTES = 255;

    private long address;
    private int bytes;

    /**
     * Points it to a key.
     *
     * @param keyAddress where its first byte is
     * @param keyBytes 1 to {@link #MAX_BYTES}
     */
    public void set(long keyAddress, int keyBytes) {
        address = keyAddress;
        bytes = keyBytes;
    }

    public long address() {
        return address;
    }

    public int bytes() {
        return bytes;
    }
}
