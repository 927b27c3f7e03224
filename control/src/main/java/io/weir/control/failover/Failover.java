package io.weir.control.failover;

import io.weir.control.config.Configuration;

import java.io.IOException;
import java.util.List;

/**
 * A protocol by which routers agree on who is active. Methods may be called from any thread; they
 * return when what they ask for has been done.
 */
public interface Failover extends AutoCloseable {
    /**
     * Takes part by the protocol's part of a configuration; may be called again with another one,
     * and what is the same in both goes on undisturbed.
     *
     * @throws IOException if the machine refuses what is needed; one line for the operator, and all
     *     is as before
     */
    void configure(Configuration configuration) throws IOException;

    /** Gives the active role to the partner, once. False if there is none to take it. */
    boolean handOver();

    /** Gives the active role away and does not take it, until this is ended. */
    void setMaintenance(boolean on);

    /** The state of each instance. */
    List<Status> status();

    /** Tells the partner that this router leaves, and takes the addresses off. */
    @Override
    void close();

    /**
     * The state of one instance.
     *
     * @param instance its name
     * @param partner the address that was heard last, empty if none was
     * @param partnerAgeMillis how long ago; -1 if never
     * @param detail what else there is to know, one line; may be empty
     */
    record Status(
            String instance, Role role, String partner, long partnerAgeMillis, String detail) {
        private static final String NO_PARTNER = "there is no partner";

        /** The state of a router that is active because it has no partner. */
        public static Status alone(String instance) {
            return new Status(instance, Role.ACTIVE, "", -1, NO_PARTNER);
        }

        /** Whether there is no partner that could be heard. */
        public boolean isAlone() {
            return detail.equals(NO_PARTNER);
        }
    }
}
