package io.weir.control.lab.failover;

/** How the two routers agree on who is active, with the lvs.cf that both have. */
enum Protocol {
    /** Piranha's heartbeat with the manual's keys, at short times. */
    HEARTBEAT(
            "heartbeat, keepalive 1 s, deadtime 2 s",
            2_000 + 500,
            """
            heartbeat = 1
            heartbeat_port = 539
            keepalive = 1
            deadtime = 2
            monitor_links = 1
            """),

    /** VRRP version 3 with an advertisement every 50 ms. */
    VRRP(
            "VRRP version 3, an advertisement every 50 ms",
            300,
            """
            vrrp pair {
                 interface = back
                 virtual_router_id = 51
                 priority = 150
                 backup_priority = 100
                 advert_int = 0.05
                 preempt = 0
                 track_interface = front
            }
            """);

    /** How many services the configuration has, each with all real servers. */
    static final int SERVICES = 2;

    private final String title;
    private final long killMillis;
    private final String election;

    Protocol(String title, long killMillis, String election) {
        this.title = title;
        this.killMillis = killMillis;
        this.election = election;
    }

    /** What is shown, for people. */
    String title() {
        return title;
    }

    /** The longest silence that a killed router may cost. */
    long killMillis() {
        return killMillis;
    }

    /** The lvs.cf of both routers. */
    String configuration() {
        return """
        serial_no = 1
        primary = %s
        primary_private = %s
        service = lvs
        backup_active = 1
        backup = %s
        backup_private = %s
        network = nat
        nat_router = %s back:1
        nat_nmask = 255.255.255.0
        syncdaemon = 1
        syncd_iface = back
        syncd_id = 7
        """
                        .formatted(
                                PairNetwork.routerFront(0),
                                PairNetwork.routerBack(0),
                                PairNetwork.routerFront(1),
                                PairNetwork.routerBack(1),
                                PairNetwork.GATEWAY)
                + election
                + service("web", "tcp", PacedServer.PORT, "hello\\n", "hello")
                + service("echo", "udp", PacedServer.ECHO_PORT, "ping", "ping");
    }

    private static String service(
            String name, String protocol, int port, String send, String expect) {
        StringBuilder text = new StringBuilder();
        text.append(
                """
                virtual %s {
                     active = 1
                     address = %s front:1
                     vip_nmask = 255.255.255.0
                     port = %d
                     protocol = %s
                     send = "%s"
                     expect = "%s"
                     scheduler = rr
                     timeout = 2
                     reentry = 4
                """
                        .formatted(name, PairNetwork.VIRTUAL, port, protocol, send, expect));
        for (int i = 0; i < PairNetwork.SERVERS; i++) {
            text.append(
                    """
                         server %s {
                             address = %s
                             active = 1
                             weight = 1
                         }
                    """
                            .formatted(PairNetwork.serverName(i), PairNetwork.serverAddress(i)));
        }
        return text.append("}\n").toString();
    }
}
