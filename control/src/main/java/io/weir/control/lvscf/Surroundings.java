package io.weir.control.lvscf;

import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.net.IpAddress;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;

/**
 * What a reader of lvs.cf asks outside of the text. Two routers have the same file; that one of
 * them is the primary is seen from its addresses.
 *
 * @param names knows hosts and ports
 * @param addresses the addresses of this host
 * @param files reads files that lvs.cf names
 */
record Surroundings(Names names, Set<IpAddress> addresses, TextFiles files) {
    private static final long LIMIT_BYTES = 1 << 20;

    /** Reads the text of a file; the message of its exceptions is for the operator. */
    @FunctionalInterface
    interface TextFiles {
        String read(Path file) throws IOException;
    }

    Surroundings {
        addresses = Set.copyOf(addresses);
    }

    /** This host's, with the files that it has. */
    static Surroundings ofHost(Names names) {
        return new Surroundings(
                names, HostInterfaces.ofThisHost().addresses(), Surroundings::readFile);
    }

    private static String readFile(Path file) throws IOException {
        try {
            if (Files.size(file) > LIMIT_BYTES) {
                throw new IOException(file + " is longer than " + LIMIT_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new IOException(file + " cannot be read: " + reason, e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not text in UTF-8", e);
        }
    }
}
