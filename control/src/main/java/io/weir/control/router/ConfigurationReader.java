package io.weir.control.router;

import io.weir.control.config.Configuration;

/** Reads a configuration in some format. */
@FunctionalInterface
public interface ConfigurationReader {
    /**
     * Reads a text; nothing has any effect yet.
     *
     * @param source where it comes from, for messages
     * @throws RouterRefusal with a line for each mistake
     */
    Configuration read(String source, String text) throws RouterRefusal;
}
