package io.weir.control.lvscf;

import io.weir.control.config.Configuration;
import io.weir.control.ipvsadm.Names;

import java.util.List;

/**
 * Reads lvs.cf, Piranha's configuration file with weir's own keys, into a configuration.
 *
 * <p>Both routers of a pair have the same file. Where the two differ, as in the priority of a
 * virtual router or in the addresses of the push channel, this host is known by its addresses.
 */
public final class LvsCf {
    private LvsCf() {}

    /**
     * What a file says.
     *
     * @param document its lines
     * @param notes one line for each thing that works but may not be what is wanted
     */
    public record Reading(LvsCfDocument document, Configuration configuration, List<String> notes) {
        public Reading {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Reads a file; nothing has any effect yet.
     *
     * @param source where the text comes from, for messages; a file's name as the operator wrote it
     * @param names knows hosts and ports
     * @throws LvsCfException naming everything that is wrong, one line each
     */
    public static Configuration read(String source, String text, Names names)
            throws LvsCfException {
        return inspect(source, text, names).configuration();
    }

    /** The same with what is worth a word. */
    public static Reading inspect(String source, String text, Names names) throws LvsCfException {
        return inspect(source, text, Surroundings.ofHost(names));
    }

    static Reading inspect(String source, String text, Surroundings surroundings)
            throws LvsCfException {
        Faults faults = new Faults(source);
        LvsCfDocument document = DocumentParser.parse(source, text, faults);
        Configuration configuration =
                new ConfigurationReader(document, faults, surroundings).read();
        faults.check();
        return new Reading(document, configuration, faults.notes());
    }
}
