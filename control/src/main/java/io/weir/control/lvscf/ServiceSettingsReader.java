package io.weir.control.lvscf;

import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.schedulers.Schedulers;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Reads what can be changed of a virtual service. */
final class ServiceSettingsReader {
    /** The eight of Piranha, then those that came to LVS after it. */
    static final List<String> SCHEDULERS =
            List.of(
                    "rr", "lc", "wlc", "wrr", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf",
                    "mh", "twos");

    private static final List<String> FLAGS = List.of("fallback", "port");
    private static final List<Integer> BITS =
            List.of(ServiceSettings.FLAG_1, ServiceSettings.FLAG_2, ServiceSettings.FLAG_3);

    private ServiceSettingsReader() {}

    static ServiceSettings read(Section section, ServiceId id, int protocol) {
        boolean ipv6 = id.address().ipv6();
        String scheduler = section.read("scheduler", "wlc", ServiceSettingsReader::scheduler);
        int persistent = section.read("persistent", 0, Values.integer(0, Values.MAX_SECONDS));
        int mask =
                section.read(
                        "pmask", ipv6 ? 128 : 32, each -> Values.mask(Values.word(each), ipv6));
        if (mask == 0) {
            section.fault("pmask", "pmask 0 would send every client to the same server");
        }
        if (persistent == 0 && section.has("pmask")) {
            section.note("pmask", "pmask has no effect without persistent");
        }
        if (id.isMark() && persistent == 0) {
            section.note(
                    "fwmark",
                    "without persistent the connections of one client may go to different servers,"
                            + " although the mark holds their ports together");
        }
        boolean onePacket = section.read("one_packet", false, Values::flag);
        if (onePacket && protocol != ServiceId.UDP) {
            section.fault("one_packet", "one_packet is for protocol = udp alone");
        }
        return new ServiceSettings(
                scheduler,
                section.read("scheduler_flags", 0, each -> flags(Values.word(each), scheduler)),
                persistent,
                persistent == 0 ? wholeMask(ipv6) : mask(mask, ipv6),
                onePacket,
                engine(section, persistent, protocol));
    }

    private static int wholeMask(boolean ipv6) {
        return ipv6 ? 128 : ServiceSettings.WHOLE_ADDRESS;
    }

    private static int mask(int length, boolean ipv6) {
        if (ipv6) {
            return length;
        }
        return length == 0 ? 0 : -1 << (Integer.SIZE - length);
    }

    private static String scheduler(Assignment assignment) throws LvsCfFault {
        String word = Values.word(assignment);
        if (!SCHEDULERS.contains(word)) {
            throw new LvsCfFault(
                    word
                            + " is not one of "
                            + String.join(", ", SCHEDULERS)
                            + Spelling.suggestion(word, SCHEDULERS));
        }
        return word;
    }

    private static int flags(String word, String scheduler) throws LvsCfFault {
        int flags = 0;
        for (String name : word.split(",", -1)) {
            flags |= flag(name, scheduler);
        }
        return flags;
    }

    private static int flag(String name, String scheduler) throws LvsCfFault {
        for (int i = 0; i < BITS.size(); i++) {
            boolean meant = i < FLAGS.size() && name.equals(scheduler + "-" + FLAGS.get(i));
            boolean named = meant && (scheduler.equals("sh") || scheduler.equals("mh"));
            if (named || name.equals("flag-" + (i + 1))) {
                return BITS.get(i);
            }
        }
        throw new LvsCfFault(
                name
                        + " is not a flag of "
                        + scheduler
                        + "; write sh-fallback, sh-port, mh-fallback, mh-port (with that"
                        + " scheduler), flag-1, flag-2 or flag-3, commas between them");
    }

    private static @Nullable String engine(Section section, int persistent, int protocol) {
        String engine =
                section.find(
                        "persistence_engine",
                        each -> {
                            String word = Values.word(each);
                            if (new Schedulers().persistenceEngine(word) == null) {
                                throw new LvsCfFault(
                                        "there is no persistence engine "
                                                + word
                                                + "; there is sip");
                            }
                            return word;
                        });
        if (engine != null && (persistent == 0 || protocol != ServiceId.UDP)) {
            section.fault(
                    "persistence_engine",
                    "a persistence engine needs persistent = SECONDS and protocol = udp");
        }
        return engine;
    }
}
