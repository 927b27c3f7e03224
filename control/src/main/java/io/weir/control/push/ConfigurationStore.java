package io.weir.control.push;

/** The configuration that a router runs from. Methods may be called from any thread. */
public interface ConfigurationStore {
    /** The configuration in force. */
    Held held();

    /**
     * Reads a configuration without touching anything.
     *
     * @param source where it comes from, for messages
     * @return its serial number
     * @throws ConfigurationRefusedException if it has mistakes
     */
    int serialOf(String source, String text) throws ConfigurationRefusedException;

    /**
     * Puts a configuration in the place of the one in force, in the file as well. All or nothing.
     *
     * @param source where it comes from, for messages
     * @throws ConfigurationRefusedException if it has mistakes or cannot be applied here
     */
    void replace(String source, String text) throws ConfigurationRefusedException;

    /** A configuration and its serial number. */
    record Held(int serial, String text) {}
}
